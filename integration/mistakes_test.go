package integration_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// Every mistake that a user can make in the environment or on the command line is
// answered with the exit code of its kind and one line that says what is wrong,
// followed by one that says what to do.
func TestMistakes(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	withPassword := server.WithPassword(t, "app", "correct")
	stopped := dbtest.StartPostgres(t)
	stopped.CreateDatabase(t, "app")
	stopped.Stop()

	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { taken.Close() }) // the cases run after this function has returned
	takenPort := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)

	notADirectory := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(notADirectory, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	sqlite := "DATABASE_URL=" + dbtest.SQLite(t)
	tests := map[string]struct {
		vars []string
		args []string
		code int
		// want must all be in the error and hint lines.
		want []string
	}{
		"an unknown command":             {nil, []string{"migrat"}, 2, []string{`unknown command "migrat"`, "migrate"}},
		"an unknown flag":                {nil, []string{"serve", "--no-migrte"}, 2, []string{"unknown flag --no-migrte", "--no-migrate"}},
		"a flag value that is no number": {nil, []string{"serve", "--port", "x"}, 2, []string{"--port"}},
		"a flag value out of range":      {[]string{sqlite}, []string{"serve", "--port", "70000"}, 2, []string{"--port 70000"}},
		"rolling back nothing":           {[]string{sqlite}, []string{"migrate:rollback", "0"}, 2, []string{`"0"`}},
		"rolling back 1 and 2":           {[]string{sqlite}, []string{"migrate:rollback", "1", "2"}, 2, []string{"migrate:rollback"}},
		"rolling back in two ways":       {[]string{sqlite}, []string{"migrate:rollback", "--step", "1", "--batch", "1"}, 2, []string{"--step", "--batch"}},
		"a time before now":              {[]string{sqlite}, []string{"migrate", "--lock-timeout", "-1s"}, 2, []string{"--lock-timeout"}},
		"an exit code of 300":            {[]string{sqlite}, []string{"migrate:status", "--pending=300"}, 2, []string{"--pending=300", "255"}},
		"an unknown time zone":           {[]string{sqlite}, []string{"schedule:list", "--timezone", "Mars/Olympus"}, 2, []string{"Mars/Olympus"}},

		"no database URL":            {nil, nil, 78, []string{"DATABASE_URL is not set", "sqlite://", "postgres://"}},
		"an empty database URL":      {[]string{"DATABASE_URL="}, nil, 78, []string{"DATABASE_URL is not set"}},
		"an unknown scheme":          {[]string{"DATABASE_URL=oracle://u:hidden@h/db"}, nil, 78, []string{"DATABASE_URL", "oracle", "postgres://", "sqlite://"}},
		"a URL without a scheme":     {[]string{"DATABASE_URL=database.db"}, nil, 78, []string{"DATABASE_URL", "sqlite://"}},
		"a malformed database port":  {[]string{"DATABASE_URL=postgres://u:hidden@h:54x/db"}, nil, 78, []string{"DATABASE_URL", "54x"}},
		"a database port too large":  {[]string{"DATABASE_URL=postgres://u:hidden@h:99999/db"}, nil, 78, []string{"DATABASE_URL", "99999"}},
		"a port that is no number":   {[]string{sqlite, "SERVER_PORT=80a"}, nil, 78, []string{"SERVER_PORT", "80a"}},
		"a port that is too large":   {[]string{sqlite, "SERVER_PORT=70000"}, nil, 78, []string{"SERVER_PORT", "70000", "65535"}},
		"an unknown log level":       {[]string{sqlite, "LOG_LEVEL=loud"}, nil, 78, []string{"LOG_LEVEL", "loud", "debug"}},
		"an unknown log format":      {[]string{sqlite, "LOG_FORMAT=xml"}, nil, 78, []string{"LOG_FORMAT", "xml", "json"}},
		"a time-out that is no time": {[]string{sqlite, "SHUTDOWN_TIMEOUT=soon"}, nil, 78, []string{"SHUTDOWN_TIMEOUT", "soon", "30s"}},
		"a proxy that is no address": {[]string{sqlite, "TRUSTED_PROXIES=10.0.0.0/8,nginx"}, nil, 78, []string{"TRUSTED_PROXIES", "nginx", "10.0.0.0/8,192.0.2.7"}},
		"a negative time-out":        {[]string{sqlite, "SHUTDOWN_DELAY=-1s"}, nil, 78, []string{"SHUTDOWN_DELAY", "-1s"}},

		"a port in use":               {[]string{sqlite, "SERVER_PORT=" + takenPort}, nil, 69, []string{"SERVER_PORT=" + takenPort, "in use"}},
		"a host of another machine":   {[]string{sqlite, "SERVER_HOST=192.0.2.1"}, nil, 69, []string{"SERVER_HOST", "192.0.2.1"}},
		"a folder that is a file":     {[]string{"DATABASE_URL=sqlite://" + notADirectory + "/app.db"}, nil, 69, []string{"DATABASE_URL", notADirectory}},
		"a folder that is not ours":   {[]string{"DATABASE_URL=sqlite:///proc/nowhere/app.db"}, nil, 69, []string{"DATABASE_URL", "/proc/nowhere"}},
		"a PostgreSQL that is down":   {[]string{"DATABASE_URL=" + stopped.URL("app"), "DB_CONNECT_TIMEOUT=1s"}, []string{"migrate"}, 69, []string{"DATABASE_URL", "connection refused"}},
		"a password that is refused":  {[]string{"DATABASE_URL=" + strings.Replace(withPassword, "correct", "hidden", 1)}, []string{"migrate"}, 69, []string{"DATABASE_URL", "password"}},
		"a database that is not made": {[]string{"DATABASE_URL=" + server.URL("missing")}, []string{"migrate"}, 69, []string{"DATABASE_URL", "missing"}},

		"two migrations of one name": {[]string{sqlite, "FIXTURE_MISTAKE=migrations"}, nil, 1, []string{"m20260101_000000_create_notes_table", "migrations.go:"}},
		"two routes of one pattern":  {[]string{sqlite, "FIXTURE_MISTAKE=routes"}, nil, 1, []string{"/slow", "main.go:"}},
		"a route below /_kit":        {[]string{sqlite, "FIXTURE_MISTAKE=reserved"}, nil, 1, []string{"/_kit/mine", "main.go:", "reserved"}},
		"a bad cron text":            {[]string{sqlite, "FIXTURE_MISTAKE=schedule"}, nil, 1, []string{"61 * * * *", "main.go:", "minute"}},

		"fresh without a terminal":   {[]string{sqlite}, []string{"migrate:fresh"}, 1, []string{"--force"}},
		"health of a stopped server": {nil, []string{"health"}, 1, []string{"no answer"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, fixture(t), tt.vars, tt.args...)
			if code := p.wait(30 * time.Second); code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			text := p.stderr.String()
			message := lastLines(text, "error:") + "\n" + lastLines(text, "hint:")
			for _, want := range tt.want {
				if !strings.Contains(message, want) {
					t.Errorf("the message does not have %q:\n%s", want, message)
				}
			}
			for _, never := range []string{"hidden", "goroutine ", "&{", "panic:"} {
				if strings.Contains(text+p.stdout.String(), never) {
					t.Errorf("the output has %q:\n%s", never, text)
				}
			}
			if n := strings.Count(text, "error:"); n != 1 {
				t.Errorf("%d error lines, want 1:\n%s", n, text)
			}
		})
	}
}

func TestErrorsForMachines(t *testing.T) {
	t.Parallel()
	got := run(t, fixture(t), nil, "migrate:status", "--json")
	type document struct {
		Error struct {
			Code          int
			Message, Hint string
		}
	}
	e := decode[document](t, got.stdout).Error
	if got.code != 78 || e.Code != 78 || !strings.Contains(e.Message, "DATABASE_URL") || e.Hint == "" {
		t.Errorf("exit %d, error %+v", got.code, e)
	}
}

func TestASQLiteFolderIsCreated(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a", "b", "app.db")
	if got := run(t, fixture(t), []string{"DATABASE_URL=sqlite://" + path}, "migrate"); got.code != 0 {
		t.Fatalf("migrate exits %d: %s", got.code, got.stderr)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}
