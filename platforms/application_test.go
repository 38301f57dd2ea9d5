package platforms_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// kitCommand builds the kit command once.
var kitCommand = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "kit-platforms-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "kit")
	c := exec.Command("go", "build", "-o", path, "./cmd/kit")
	c.Dir = ".."
	out, err := c.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := kitCommand(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// application is a new application, and what it says of itself.
type application struct {
	dir   string
	about about
}

type about struct {
	Variables []struct {
		Name, Value   string
		Required, Own bool
	}
	Deployment struct {
		Port                         int
		Health, Live, Ready, Metrics string
		Database                     string
		ConnectTimeout               int64 `json:"connect_timeout_ms"`
		MigrateTimeout               int64 `json:"migrate_lock_timeout_ms"`
		ShutdownDelay                int64 `json:"shutdown_delay_ms"`
		ShutdownTimeout              int64 `json:"shutdown_timeout_ms"`
		Roles                        []struct {
			Name           string
			Command, Check []string
		}
	}
}

// startTimeout is how long the application may take to become ready.
func (a about) startTimeout() time.Duration {
	return time.Duration(a.Deployment.ConnectTimeout+a.Deployment.MigrateTimeout) * time.Millisecond
}

// grown are settings that are not the defaults, as an application has them after a while.
const grown = `
SERVER_PORT=3456
SHUTDOWN_DELAY=3s
SHUTDOWN_TIMEOUT=20s
MIGRATE_LOCK_TIMEOUT=15m
DB_MAX_CONNECTIONS=25
REDIS_URL=redis://localhost:6379/1
SEARCH_URL=http://search:hush@localhost:9200
GREETING='50 % off: $5 ${6} # "today"'
SHOP_MAIL_KEY=development
SHOP_SENDER=me@example.com
`

// greeting is the value of GREETING in grown, of which every format has to escape
// something else.
const greeting = `50 % off: $5 ${6} # "today"`

// ownConfig are settings of the application's own: what production must set, a secret
// that it may, a URL with a password, and one that everybody may see.
const ownConfig = `package main

import "github.com/kitgo/kit"

// Config is read from .env files and the environment.
type Config struct {
	kit.Config
	MailKey   string ` + "`env:\"SHOP_MAIL_KEY,required\"`" + `
	Sender    string ` + "`env:\"SHOP_SENDER,required\"`" + `
	Token     string ` + "`env:\"SHOP_TOKEN\"`" + `
	SearchURL string ` + "`env:\"SEARCH_URL\"`" + `
	Greeting  string ` + "`env:\"GREETING\"`" + `
}
`

// newApplication makes an application whose development settings are those of kit new
// and of settings, and asks it about itself.
func newApplication(t *testing.T, database, settings string) application {
	t.Helper()
	work := t.TempDir()
	runIn(t, work, kit(t), "new", "shop", "--no-interaction", "--no-git", "--db", database)
	a := application{dir: filepath.Join(work, "shop")}
	if settings != "" {
		file := filepath.Join(a.dir, ".env")
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for line := range strings.Lines(string(old)) {
			if name, _, _ := strings.Cut(line, "="); !strings.Contains(settings, "\n"+name+"=") {
				kept = append(kept, line)
			}
		}
		write(t, file, strings.Join(kept, "")+settings)
		write(t, filepath.Join(a.dir, "config.go"), ownConfig)
	}
	runIn(t, a.dir, "go", "build", "-o", "app", ".")
	if err := json.Unmarshal([]byte(a.run(t, "about", "--json")), &a.about); err != nil {
		t.Fatal(err)
	}
	return a
}

func kit(t *testing.T) string {
	t.Helper()
	path, err := kitCommand()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// kit runs the kit command in the application's directory.
func (a application) kit(t *testing.T, args ...string) string {
	t.Helper()
	return runIn(t, a.dir, kit(t), args...)
}

// run runs the application.
func (a application) run(t *testing.T, args ...string) string {
	t.Helper()
	return runIn(t, a.dir, "./app", args...)
}

func (a application) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(a.dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// has reports whether a file was written.
func (a application) has(name string) bool {
	_, err := os.Stat(filepath.Join(a.dir, filepath.FromSlash(name)))
	return err == nil
}

// environment reads a file of variables as a shell does, and .env.production, of which
// only the names count.
func (a application) environment(t *testing.T, file string) map[string]string {
	t.Helper()
	env := a.secrets(t)
	out := runIn(t, a.dir, "env", "-i", "sh", "-c", "set -a; . ./"+file+"; env -0")
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		name, value, _ := strings.Cut(line, "=")
		env[name] = value
	}
	return env
}

// secrets are the variables of .env.production, without their values.
func (a application) secrets(t *testing.T) map[string]string {
	t.Helper()
	env := map[string]string{}
	for line := range strings.Lines(a.read(t, ".env.production")) {
		if name, _, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(line, "#") {
			env[name] = "(secret)"
		}
	}
	return env
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runIn runs a program and returns what it printed to stdout.
func runIn(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", filepath.Base(name), strings.Join(args, " "), err, out, &stderr)
	}
	return string(out)
}
