//go:build rollout && linux

package platforms_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The application that is rolled out: a route that asks the database, and a task that
// writes down each second. The second release has one migration more, which takes a while.
const (
	rolloutRoutes = `package main

import (
	"fmt"
	"net/http"

	"github.com/kitgo/kit/web"
)

func (a *app) routes(r *web.Router) {
	r.Get("/ticks", func(w http.ResponseWriter, r *http.Request) error {
		var n int
		if err := a.db.QueryRowContext(r.Context(), "SELECT count(*) FROM ticks").Scan(&n); err != nil {
			return err
		}
		return web.Text(w, http.StatusOK, fmt.Sprint(n))
	})
}
`
	rolloutSchedule = `package main

import (
	"context"
	"time"

	"github.com/kitgo/kit/schedule"
)

func (a *app) schedule(s *schedule.Schedule) {
	s.Add("tick", func(ctx context.Context) error {
		_, err := a.db.ExecContext(ctx, "INSERT INTO ticks (due) VALUES (?)", schedule.Due(ctx).UTC().Format(time.RFC3339))
		return err
	}).EverySecond().OnMissed(schedule.RunAll(1000), 10*time.Minute)
}
`
)

// rolloutApplication makes the application, its files, and two releases of it.
func rolloutApplication(t *testing.T) application {
	t.Helper()
	a := newApplication(t, "postgres", grown)
	in := func(name, text string) { write(t, filepath.Join(a.dir, filepath.FromSlash(name)), text) }
	in("routes.go", rolloutRoutes)
	in("schedule.go", rolloutSchedule)
	in("migrations/m20260102_000000_ticks.up.sql", "CREATE TABLE ticks (due text NOT NULL);\n")
	in("migrations/m20260102_000000_ticks.down.sql", "DROP TABLE ticks;\n")
	build := func(n int) {
		dir := filepath.Join(a.dir, fmt.Sprint("release", n))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		runIn(t, a.dir, "go", "build", "-o", filepath.Join(dir, "app"), ".")
	}
	build(1)
	a.kit(t, "docker:compose", "--with-mailpit", "--with-minio")
	a.kit(t, "deploy:init", "kubernetes", "--domain", "shop.example.org", "--image", "registry.example.org/me/shop", "--force")
	in("migrations/m20260301_000000_more.up.sql", "SELECT pg_sleep(2);\nCREATE TABLE more (id bigint PRIMARY KEY);\n")
	in("migrations/m20260301_000000_more.down.sql", "DROP TABLE more;\n")
	build(2)
	return a
}

// filled are the variables of .env.production, with what is left to the user filled in.
func filled(t *testing.T, a application) map[string]string {
	t.Helper()
	env := map[string]string{}
	for line := range strings.Lines(a.read(t, ".env.production")) {
		name, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		env[name] = strings.Trim(value, "'")
		if env[name] == "" {
			env[name] = "filled-in"
		}
	}
	return env
}
