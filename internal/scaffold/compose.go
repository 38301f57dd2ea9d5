package scaffold

import (
	"fmt"
	"strings"
)

// Compose describes an application and what it needs, on one machine.
type Compose struct {
	Deployment
	Mailpit, Minio bool
}

// NewCompose returns compose.yaml.
func NewCompose(c Compose) ([]File, error) { return render("templates/compose", c) }

// DatabaseURL is the database of the compose file; its password is a variable of it.
func (c Compose) DatabaseURL() string {
	name := c.DatabaseName()
	switch c.Database {
	case Postgres:
		return fmt.Sprintf("postgres://%s:%s@database:5432/%s", name, c.Password("DB"), name)
	case MySQL:
		return fmt.Sprintf("mysql://%s:%s@database:3306/%s", name, c.Password("DB"), name)
	}
	return "sqlite://" + DataDir + "/" + name + ".db"
}

// DataDir is the folder of the image in which the application may write: that of an
// SQLite database.
const DataDir = "/app/data"

// required is a variable of a compose file without which nothing is started.
func required(name string) string { return "${" + name + ":?set it in .env.production}" }

// References are the secrets as the compose file passes them on.
func (c Compose) References() []Setting {
	var list []Setting
	for _, s := range c.Secrets {
		value := "${" + s.Name + ":-}"
		if s.Required {
			value = required(s.Name)
		}
		list = append(list, Setting{s.Name, value})
	}
	return list
}

// Password is the variable of a password in the compose file.
func (Compose) Password(of string) string { return required(of + "_PASSWORD") }

// Literal is the value of a setting in the compose file, where $ begins a variable.
func (s Setting) Literal() string { return quote(strings.ReplaceAll(s.Value, "$", "$$")) }

// Volumes are the names of the volumes.
func (c Compose) Volumes() []string {
	var list []string
	for _, v := range []struct {
		name   string
		wanted bool
	}{{"data", !c.OnServer()}, {"database", c.OnServer()}, {"redis", c.Redis}, {"mailpit", c.Mailpit}, {"minio", c.Minio}} {
		if v.wanted {
			list = append(list, v.name)
		}
	}
	return list
}

// SecretsFile is the file with the secrets that the compose file refers to.
func (c Compose) SecretsFile() Secrets {
	var list []string
	for _, v := range []struct {
		name   string
		wanted bool
	}{{"DB_PASSWORD", c.OnServer()}, {"REDIS_PASSWORD", c.Redis}, {"MINIO_PASSWORD", c.Minio}} {
		if v.wanted {
			list = append(list, v.name)
		}
	}
	return Secrets{Invented: append(list, c.invented()...), Wanted: c.wanted()}
}
