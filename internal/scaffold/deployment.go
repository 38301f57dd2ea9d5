package scaffold

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// Deployment is what the files of a platform are made from: what the application says
// of itself, and what it is to be.
type Deployment struct {
	Binary string // the name of the binary, and of what belongs to the application
	Port   int
	// Paths of the probes. Metrics is empty when the application has none.
	Health, Live, Ready, Metrics string

	Database string // [SQLite], [Postgres] or [MySQL]
	Redis    bool
	Roles    []Role

	// Settings are variables whose values may be read by everybody.
	Settings []Setting
	// Secrets are variables whose values the platform keeps, besides those of the
	// database and of Redis.
	Secrets []Secret

	// ConnectTimeout is how long a start may wait for the database, StartTimeout for that
	// and the migrations of another process.
	ConnectTimeout, StartTimeout time.Duration
	// ShutdownDelay and ShutdownTimeout are the settings of these names.
	ShutdownDelay, ShutdownTimeout time.Duration
	// Margin is what a platform waits longer than both together. 0 means 5 seconds.
	Margin time.Duration
}

// A Role is one kind of process of the application.
type Role struct {
	Name    string
	Command []string // arguments of the binary
	Check   []string // arguments that tell whether the role works
}

// A Setting is a variable with its value.
type Setting struct{ Name, Value string }

// A Secret is a variable whose value is nowhere in the files.
type Secret struct {
	Name     string
	Required bool
}

// margin is the default of [Deployment.Margin].
const margin = 5 * time.Second

// Grace is how long a platform has to wait between SIGTERM and SIGKILL: as long as the
// application takes at most, and some seconds more.
func (d Deployment) Grace() time.Duration {
	return d.ShutdownDelay + d.ShutdownTimeout + cmp.Or(d.Margin, margin)
}

// Image is the name of the container image.
func (d Deployment) Image() string { return ImageName(d.Binary) }

// Label is the name of the application where only small letters, digits and - may be,
// such as in the names of hosts.
func (d Deployment) Label() string {
	return strings.ReplaceAll(strings.ToLower(d.Binary), "_", "-")
}

// DatabaseName is the name of the database, and of its user.
func (d Deployment) DatabaseName() string {
	return strings.ReplaceAll(strings.ToLower(d.Binary), "-", "_")
}

// OnServer reports that the database is a server, and not a file.
func (d Deployment) OnServer() bool { return d.Database != SQLite }

// Web is the role that serves.
func (d Deployment) Web() Role {
	i := slices.IndexFunc(d.Roles, func(r Role) bool { return r.Name == "web" })
	return d.Roles[i]
}

// Others are the roles besides [Deployment.Web].
func (d Deployment) Others() []Role {
	return slices.DeleteFunc(slices.Clone(d.Roles), func(r Role) bool { return r.Name == "web" })
}

// Exec is the command of a role in the image, as a list in JSON, which is one in YAML,
// TOML and HCL too.
func (r Role) Exec() string { return list(append([]string{"./app"}, r.Command...)...) }

// Line is the command of a role in the image as one line.
func (r Role) Line() string { return strings.Join(append([]string{"./app"}, r.Command...), " ") }

// CheckLine is the check of a role in the image as one line.
func (r Role) CheckLine() string { return strings.Join(append([]string{"./app"}, r.Check...), " ") }

// ArgList are the arguments of a role as a list.
func (r Role) ArgList() string { return list(r.Command...) }

// Probe is the check of a role, as Docker runs it.
func (r Role) Probe() string { return list(append([]string{"CMD", "./app"}, r.Check...)...) }

func list(args ...string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		quoted[i] = quote(arg)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quote writes a string that JSON, YAML, TOML and HCL read alike.
func quote(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}

// seconds writes a duration in whole seconds, at least as long as it is.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// dotenv quotes a value for a .env file, where only single quotes keep all that is
// between them.
func dotenv(s string) string {
	if !strings.ContainsAny(s, " #'\"$`\\\n") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'"
}
