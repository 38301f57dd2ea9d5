package kit

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/web"
	"github.com/spf13/cobra"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func hello(_ context.Context, cfg Config) (*App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		return nil, err
	}
	return &App{Config: cfg, DB: db, Routes: func(r *web.Router) {
		r.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) error {
			return web.Text(w, http.StatusOK, "Hello, "+r.PathValue("name"))
		}).Name("hello")
	}}, nil
}

// runHello runs the application above as a user would.
func runHello(t *testing.T, vars map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	source := env.Files(t.TempDir(), vars)
	code = run(t.Context(), hello, source, append([]string{"/somewhere/app"}, args...), console.IO{In: strings.NewReader(""), Out: &out, Err: &errOut})
	return code, out.String(), errOut.String()
}

// The words, flags and help texts of an application's binary are a contract: a
// changed line is seen in review.
func TestHelp(t *testing.T) {
	var all strings.Builder
	p := &program{name: "app"}
	for _, c := range append(p.command().Commands(), p.command()) {
		args := []string{"help"}
		if c.Name() != "app" {
			args = append(args, c.Name())
		}
		code, stdout, stderr := runHello(t, nil, args...)
		if code != 0 || stderr != "" {
			t.Errorf("%v: exit %d, stderr %q", args, code, stderr)
		}
		all.WriteString("$ app " + strings.Join(args, " ") + "\n" + stdout + "\n")
	}
	golden := filepath.Join("testdata", "help.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("the help has changed; `go test . -run TestHelp -update` accepts that (-want +got):\n%s", diff)
	}
}

// Help says how a command is used by showing it, also that of help and of completion, which
// come when one runs.
func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	stdio := console.IO{Out: io.Discard, Err: io.Discard}
	root := (&program{name: "app", stdio: stdio}).command()
	if code := console.Run(t.Context(), root, []string{"help"}, stdio); code != console.OK {
		t.Fatalf("exit code %d", code)
	}
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s: the help has no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			check(sub)
		}
	}
	check(root)
}

func TestConfigCheck(t *testing.T) {
	tests := map[string]struct {
		cfg  Config
		want string
	}{
		"zero values":          {Config{}, ""},
		"a port too large":     {Config{Port: 70000}, `SERVER_PORT="70000" is not a port`},
		"a negative port":      {Config{Port: -1}, `SERVER_PORT="-1" is not a port`},
		"an unknown format":    {Config{LogFormat: "xml"}, `LOG_FORMAT="xml" is not a log format`},
		"an unknown level":     {Config{LogLevel: "loud"}, `LOG_LEVEL="loud" is not a log level`},
		"a proxy that is none": {Config{TrustedProxies: []string{"10.0.0.0/8", "proxy"}}, `TRUSTED_PROXIES="10.0.0.0/8,proxy" is not a list of addresses`},
		"proxies":              {Config{TrustedProxies: []string{"10.0.0.0/8", " 192.0.2.7", "fd00::/8"}}, ""},
		"a negative delay":     {Config{ShutdownDelay: -time.Second}, `SHUTDOWN_DELAY="-1s" is negative`},
		"two mistakes":         {Config{Port: -1, LogFormat: "xml"}, "SERVER_PORT=\"-1\" is not a port\nLOG_FORMAT=\"xml\" is not a log format"},
		"a negative pool":      {Config{Database: database.Options{MaxConnections: -1}}, `DB_MAX_CONNECTIONS="-1" is negative`},
		"a negative timeout":   {Config{Database: database.Options{ConnectTimeout: -1}}, `DB_CONNECT_TIMEOUT="-1ns" is negative`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := tt.cfg.check(); err != nil {
				got = err.Error()
				if console.ExitCode(err) != console.BadConfig {
					t.Errorf("exit code %d, want %d", console.ExitCode(err), console.BadConfig)
				}
			}
			if got != tt.want {
				t.Errorf("check() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLoggerFormat(t *testing.T) {
	tests := map[string]struct {
		cfg  Config
		json bool
	}{
		"development is text":       {Config{Environment: "development"}, false},
		"production is JSON":        {Config{Environment: "production"}, true},
		"text wins in production":   {Config{Environment: "production", LogFormat: "text"}, false},
		"JSON wins in development":  {Config{Environment: "development", LogFormat: "json"}, true},
		"another environment: text": {Config{Environment: "staging"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := tt.cfg.logger(&out)
			log.Debug("quiet")
			log.Info("loud", slog.Int("n", 1))
			if got := strings.HasPrefix(out.String(), "{"); got != tt.json || strings.Contains(out.String(), "quiet") || strings.Contains(out.String(), "\x1b") {
				t.Errorf("logged %q", out.String())
			}
		})
	}
}

func TestURL(t *testing.T) {
	address := &net.TCPAddr{IP: net.IPv4zero, Port: 8080}
	tests := map[string]string{
		"0.0.0.0": "http://localhost:8080", "::": "http://localhost:8080", "": "http://localhost:8080",
		"10.0.0.7": "http://10.0.0.7:8080", "::1": "http://[::1]:8080", "localhost": "http://localhost:8080",
	}
	for host, want := range tests {
		if got := url(host, address, false); got != want {
			t.Errorf("url(%q) = %s, want %s", host, got, want)
		}
	}
}

func TestAnAppWithoutADatabaseIsAMistake(t *testing.T) {
	var errOut bytes.Buffer
	code := run(t.Context(), func(_ context.Context, cfg Config) (*App, error) { return &App{Config: cfg}, nil },
		env.Files(t.TempDir(), map[string]string{"DATABASE_URL": "sqlite://:memory:"}), []string{"app"}, console.IO{Out: &errOut, Err: &errOut})
	if code != 1 || !strings.Contains(errOut.String(), "kit.App has no DB") {
		t.Errorf("exit %d: %s", code, &errOut)
	}
}
