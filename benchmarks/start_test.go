package benchmarks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/internal/dbtest"
)

// TestStart starts applications that have nothing to migrate, beside one that cannot.
func TestStart(t *testing.T) {
	kit, goose := build(t, "./cmd/kitapp"), build(t, "./cmd/gooseapp")
	printMachine(t, goose)
	const runs = 60
	const every = 200 * time.Microsecond
	list := []struct {
		name    string
		server  server
		queries int
		times   times
	}{
		{name: "Kit without migrations, `serve --no-migrate`", server: server{kit, []string{"serve", "--no-migrate"}, []string{"WITHOUT_MIGRATIONS=true"}}},
		{name: "Kit, 20 applied migrations", server: server{kit, nil, nil}},
		{name: "goose, 20 applied migrations", server: server{goose, nil, nil}},
	}
	for i := range list {
		app := &list[i]
		app.queries = countQueries(t, app.server)
		app.server = app.server.on(postgres(t))
		app.server.startAll(t, 1, every) // applies them
	}
	for range runs { // interleaved, so that noise hits all alike
		for i := range list {
			list[i].times = append(list[i].times, list[i].server.startAll(t, 1, every))
		}
	}
	fmt.Printf("\nFrom exec to the first 200, %d starts of each, interleaved.\n", runs)
	printHead("", "min", "median", "p90", "queries")
	for _, app := range list {
		printRow(app.name, ms(app.times.at(0)), ms(app.times.at(0.5)), ms(app.times.at(0.9)), app.queries)
	}
}

// countQueries returns how many queries a start makes when nothing is pending, by the
// statistics of a PostgreSQL server.
func countQueries(t *testing.T, s server) int {
	t.Helper()
	pg := dbtest.StartPostgres(t)
	execute(t, pg.URL("postgres"), "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
	pg.Stop()
	pg.Start()
	pg.CreateDatabase(t, "app")
	execute(t, pg.URL("postgres"), "CREATE EXTENSION pg_stat_statements")
	s = s.on(overSocket(t, pg.URL("app")))
	s.startAll(t, 1, time.Millisecond) // applies them
	execute(t, pg.URL("postgres"), "SELECT pg_stat_statements_reset()")
	s.startAll(t, 1, time.Millisecond)
	return query[int](t, pg.URL("postgres"), "SELECT coalesce(sum(calls), 0)::int FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid WHERE datname = 'app'")
}

// execute runs a statement.
func execute(t *testing.T, url, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
