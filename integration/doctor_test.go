package integration_test

import (
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

type checkup struct {
	Checks []struct{ Name, Status, Detail, Advice string }
}

// statuses returns the names of the checks with what they found.
func (c checkup) statuses() map[string]string {
	m := map[string]string{}
	for _, check := range c.Checks {
		m[check.Name] = strings.TrimPrefix(m[check.Name]+" "+check.Status, " ")
	}
	return m
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	redis := dbtest.StartRedisWithPassword(t, "hush")
	stopped := dbtest.StartRedis(t)
	stopped.Stop()
	migrated := dbtest.SQLite(t)
	if got := run(t, fixture(t), []string{"DATABASE_URL=" + migrated}, "migrate"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	dirty := dbtest.SQLite(t)
	failing := []string{"DATABASE_URL=" + dirty, "FIXTURE_FAIL_MIGRATION=true", "FIXTURE_NO_TRANSACTION=true"}
	if got := run(t, fixture(t), failing, "migrate"); got.code != 1 {
		t.Fatal(got.stderr)
	}
	for name, tt := range map[string]struct {
		vars []string
		code int
		want map[string]string
	}{
		"all is well":       {[]string{"DATABASE_URL=" + migrated, "FIXTURE_CHECK=fine"}, 0, map[string]string{"configuration": "ok", "database": "ok", "migrations": "ok", "migration-lock": "ok", "upstream": "ok", "time-zones": "ok", "temporary-files": "ok", "database-folder": "ok", "port": "ok"}},
		"PostgreSQL":        {[]string{"DATABASE_URL=" + dbtest.Postgres(t)}, 0, map[string]string{"database": "ok", "clock": "ok", "connections": "ok", "migrations": "warning", "migration-lock": "ok", "production": ""}},
		"too many for it":   {[]string{"DATABASE_URL=" + dbtest.Postgres(t), "DB_MAX_CONNECTIONS=100000"}, 0, map[string]string{"connections": "warning"}},
		"PgBouncer":         {[]string{"DATABASE_URL=" + fresh(t, "pgbouncer")}, 0, map[string]string{"database": "ok", "clock": "ok", "migrations": "warning"}},
		"MariaDB":           {[]string{"DATABASE_URL=" + dbtest.MariaDB(t)}, 0, map[string]string{"database": "ok", "connections": "ok", "clock": "ok", "migrations": "warning"}},
		"no database":       {[]string{"DATABASE_URL=postgres://app:hush@127.0.0.1:1/app"}, 69, map[string]string{"configuration": "ok", "database": "failed", "migrations": ""}},
		"Redis":             {[]string{"DATABASE_URL=" + migrated, "REDIS_URL=" + redis.URL()}, 0, map[string]string{"redis": "ok"}},
		"no Redis":          {[]string{"DATABASE_URL=" + migrated, "REDIS_URL=" + stopped.URL()}, 69, map[string]string{"redis": "failed"}},
		"wrong settings":    {[]string{"DATABASE_URL=" + migrated, "LOG_LEVEL=loud", "REDIS_URL=http://:hush@x"}, 78, map[string]string{"configuration": "failed failed", "time-zones": "ok"}},
		"no settings":       {nil, 78, map[string]string{"configuration": "failed", "temporary-files": "ok"}},
		"a dirty migration": {failing, 1, map[string]string{"migrations": "failed"}},
		"a check fails":     {[]string{"DATABASE_URL=" + migrated, "FIXTURE_CHECK=fail"}, 1, map[string]string{"upstream": "failed", "database": "ok"}},
		"a check hangs":     {[]string{"DATABASE_URL=" + migrated, "FIXTURE_CHECK=hang"}, 1, map[string]string{"upstream": "failed", "port": "ok"}},
		"an optional check": {[]string{"DATABASE_URL=" + migrated, "FIXTURE_CHECK=optional"}, 0, map[string]string{"upstream": "warning"}},
		"an unknown zone":   {[]string{"DATABASE_URL=" + migrated, "TZ=Nowhere/Land"}, 0, map[string]string{"time-zones": "warning"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, fixture(t), tt.vars, "doctor", "--json")
			if got.code != tt.code {
				t.Errorf("exit code %d, want %d: %s", got.code, tt.code, got.stderr)
			}
			c := decode[checkup](t, got.stdout)
			statuses := c.statuses()
			for check, want := range tt.want {
				if statuses[check] != want {
					t.Errorf("%s is %q, want %q", check, statuses[check], want)
				}
			}
			for _, check := range c.Checks {
				if check.Detail == "" || check.Status != "ok" && check.Advice == "" && check.Name != "upstream" {
					t.Errorf("%+v says too little", check)
				}
			}
			text := run(t, fixture(t), tt.vars, "doctor")
			if text.code != tt.code || strings.Count(text.stdout, "\n") < len(c.Checks) {
				t.Errorf("as text: exit code %d\n%s", text.code, text.stdout)
			}
			if strings.Contains(got.stdout+got.stderr+text.stdout+text.stderr, "hush") {
				t.Error("a password is shown")
			}
		})
	}
}

// What works, and production should not have. As root, as these tests may run, that is one
// more thing.
func TestDoctorInProduction(t *testing.T) {
	t.Parallel()
	file := dbtest.SQLite(t)
	for name, tt := range map[string]struct {
		vars []string
		want string
	}{
		"in memory":        {[]string{"DATABASE_URL=sqlite://:memory:"}, "the database is in memory"},
		"debugging":        {[]string{"DATABASE_URL=" + file, "LOG_LEVEL=debug"}, "what only development needs"},
		"statements":       {[]string{"DATABASE_URL=" + file, "DB_LOGGING=true"}, "what only development needs"},
		"trusts everybody": {[]string{"DATABASE_URL=" + file, "TRUSTED_PROXIES=10.0.0.0/8,0.0.0.0/0"}, "TRUSTED_PROXIES has 0.0.0.0/0"},
		"behind a proxy":   {[]string{"DATABASE_URL=" + file, "SERVER_HOST=127.0.0.1"}, "every visitor has the proxy's address"},
		"nothing":          {[]string{"DATABASE_URL=" + file, "SERVER_HOST=127.0.0.1", "TRUSTED_PROXIES=127.0.0.1,::1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, fixture(t), append([]string{"APP_ENV=production", "SERVER_HOST=0.0.0.0"}, tt.vars...), "doctor", "--json")
			if got.code != 0 {
				t.Fatalf("exit code %d: %s", got.code, got.stdout)
			}
			var doubts []string
			for _, c := range decode[checkup](t, got.stdout).Checks {
				if c.Name == "production" && c.Status == "warning" && !strings.Contains(c.Detail, "root") {
					doubts = append(doubts, c.Detail)
				}
			}
			if tt.want == "" && len(doubts) > 0 || tt.want != "" && (len(doubts) != 1 || !strings.Contains(doubts[0], tt.want)) {
				t.Errorf("doubts are %q, want %q", doubts, tt.want)
			}
		})
	}
}

// The check list names checks that there are.
func TestTheCheckListNamesDoctorsChecks(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/production-check-list.md")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, vars := range [][]string{
		{"DATABASE_URL=" + dbtest.Postgres(t), "REDIS_URL=redis://127.0.0.1:1"}, {"DATABASE_URL=" + dbtest.SQLite(t)},
	} {
		got := run(t, fixture(t), append(vars, "APP_ENV=production"), "doctor", "--json")
		for name := range decode[checkup](t, got.stdout).statuses() {
			known[name] = true
		}
	}
	named := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.Contains(cells[2], "`doctor`") {
			continue // the heads, and what doctor does not see
		}
		for i, name := range strings.Split(cells[2], "`") {
			if i%2 == 1 {
				if named++; !known[name] {
					t.Errorf("doctor has no check %q, which the list names: %s", name, line)
				}
			}
		}
	}
	if named < 10 {
		t.Errorf("the list names %d checks", named)
	}
}

func TestAbout(t *testing.T) {
	t.Parallel()
	vars := []string{"DATABASE_URL=postgres://app:hush@127.0.0.1:1/app", "APP_ENV=staging", "SERVER_PORT=", "PORT=9000", "LOG_LEVEL=loud"}
	for _, wrong := range []bool{false, true} {
		code := 0
		given := vars[:4]
		if wrong {
			given, code = vars, 78
		}
		got := run(t, fixture(t), given, "about", "--json")
		if got.code != code {
			t.Errorf("exit code %d, want %d: %s", got.code, code, got.stderr)
		}
		about := decode[struct {
			Version, Revision, Environment string
			Checks                         []struct{ Name, Status string }
			Variables                      []struct {
				Name, Value, Source   string
				Required, Secret, Own bool
			}
			Deployment *struct {
				Port                    int
				Health, Ready, Database string
				Roles                   []struct {
					Name           string
					Command, Check []string
				}
			}
		}](t, got.stdout)
		if about.Version == "" || about.Revision == "" || about.Environment != "staging" || len(about.Checks) != 1 {
			t.Errorf("%+v", about)
		}
		sources := map[string]string{}
		for _, v := range about.Variables {
			sources[v.Name] = v.Value + " " + v.Source
		}
		for name, want := range map[string]string{
			"DATABASE_URL": "postgres://app:***@127.0.0.1:1/app environment", "SERVER_PORT": "9000 environment (PORT)",
			"DB_MAX_CONNECTIONS": "10 default", "REDIS_URL": " unset", "FIXTURE_CHECK": " unset",
		} {
			if sources[name] != want {
				t.Errorf("%s is %q, want %q", name, sources[name], want)
			}
		}
		for _, v := range about.Variables {
			if (v.Name == "DATABASE_URL") != v.Required || v.Secret != (v.Name == "APP_KEY" || v.Name == "APP_PREVIOUS_KEYS") || v.Own != strings.HasPrefix(v.Name, "FIXTURE_") {
				t.Errorf("%+v", v)
			}
		}
		// What the files of platforms are made from; not known without an application.
		if d := about.Deployment; wrong != (d == nil) {
			t.Errorf("deployment is %+v", d)
		} else if d != nil && (d.Port != 9000 || d.Health != "/_kit/health" || d.Ready != "/_kit/ready" || d.Database != "postgres" ||
			len(d.Roles) != 2 || d.Roles[0].Name != "web" || !slices.Equal(d.Roles[1].Command, []string{"schedule:work"})) {
			t.Errorf("deployment is %+v", d)
		}
		text := run(t, fixture(t), given, "about")
		if text.code != code || !strings.Contains(text.stdout, "environment (PORT)") || strings.Contains(got.stdout+text.stdout+text.stderr, "hush") {
			t.Errorf("as text: %d\n%s", text.code, text.stdout)
		}
	}
}

func TestTheApplicationsOwnChecksDecideReadiness(t *testing.T) {
	t.Parallel()
	for check, want := range map[string]struct {
		status int
		line   string
	}{"fine": {200, `"upstream": "ok"`}, "fail": {503, `"upstream": "failed"`}, "hang": {503, `"upstream": "failed"`}, "optional": {200, `"upstream": "warning"`}} {
		p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "FIXTURE_CHECK=" + check}).untilReady()
		for range 3 {
			status, body := p.get("/_kit/ready")
			if status != want.status || !strings.Contains(body, want.line) || !strings.Contains(body, `"database": "connected"`) || strings.Contains(body, "secret") {
				t.Errorf("%s: ready = %d %s, want %d with %s", check, status, body, want.status, want.line)
			}
			decode[map[string]string](t, body)
		}
		if status, _ := p.get("/_kit/health"); status != 200 {
			t.Errorf("%s: health = %d, want 200: checks are for readiness", check, status)
		}
		if n := strings.Count(p.stderr.String(), "a health check fails"); check != "fine" && n != 1 {
			t.Errorf("%s: %d lines about it, want 1:\n%s", check, n, p.stderr)
		}
	}
}

// Many who ask at once are answered from one query a second.
func TestProbesCannotFloodTheDatabase(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	p := start(t, fixture(t), []string{"DATABASE_URL=" + url, "DB_LOGGING=true", "LOG_FORMAT=json"}).untilReady()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	transactions := func() (n int) {
		t.Helper()
		// Counters reach the view after a second of rest.
		time.Sleep(1200 * time.Millisecond)
		if err := db.QueryRowContext(t.Context(), "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := transactions()
	begin := time.Now()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for range 100 {
				for _, path := range []string{"/_kit/ready", "/_kit/health?db=true"} {
					if status, body := p.get(path); status != 200 {
						t.Errorf("%s = %d %s", path, status, body)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	seconds := int(time.Since(begin).Seconds()) + 1
	// One a second, those of this test, and what the server does by itself.
	if n := transactions() - before; n > 2*seconds+8 {
		t.Errorf("%d transactions for 4000 probes in %d s", n, seconds)
	}
}
