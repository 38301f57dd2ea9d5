package metrics_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/metrics"
	"github.com/kitgo/kit/schedule"
	"github.com/kitgo/kit/web"
	"github.com/prometheus/client_golang/prometheus"
)

// newApp is an application with some routes and tasks, as a user writes it.
func newApp(t *testing.T, url string) (*kit.App, *metrics.Metrics) {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	nothing := func(context.Context) error { return nil }
	app := &kit.App{Config: kit.Config{AppName: "shop", Environment: "testing", DatabaseURL: url}, DB: db,
		Routes: func(r *web.Router) {
			r.Get("/", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, http.StatusOK, "home") })
			r.Post("/posts/{id}", func(w http.ResponseWriter, _ *http.Request) error {
				w.WriteHeader(http.StatusCreated)
				return nil
			})
			r.Get("/panic", func(http.ResponseWriter, *http.Request) error { panic("broken") })
			r.Get("/nothing", func(http.ResponseWriter, *http.Request) error { return nil })
		},
		Schedule: func(s *schedule.Schedule) {
			for _, name := range []string{"good", "bad", "new", "resting", "going"} {
				s.Add(name, nothing).EveryMinute()
			}
		},
	}
	m := metrics.New(app)
	app.Metrics = m
	app.Middleware = append(app.Middleware, m.Requests)
	return app, m
}

func scrape(t *testing.T, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_kit/metrics", nil))
	body, _ := io.ReadAll(w.Body)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("a scrape answers %d %s: %s", w.Code, w.Header().Get("Content-Type"), body)
	}
	return string(body)
}

func expect(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("there is no line %s", line)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

func TestRequests(t *testing.T) {
	t.Parallel()
	app, m := newApp(t, dbtest.SQLite(t))
	h, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for _, request := range [][2]string{{"GET", "/"}, {"HEAD", "/"}, {"POST", "/posts/7"}, {"POST", "/posts/8"}, {"GET", "/panic"}, {"GET", "/nothing"}, {"GET", "/missing/1"}, {"GET", "/missing/2"}, {"BREW", "/"}} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(request[0], request[1], nil))
	}
	expect(t, scrape(t, m),
		`http_server_request_duration_seconds_count{method="GET",route="/",status="200"} 1`,
		`http_server_request_duration_seconds_count{method="HEAD",route="/",status="200"} 1`,
		`http_server_request_duration_seconds_count{method="POST",route="/posts/{id}",status="201"} 2`,
		`http_server_request_duration_seconds_count{method="GET",route="/panic",status="500"} 1`,
		`http_server_request_duration_seconds_count{method="GET",route="/nothing",status="200"} 1`,
		`http_server_request_duration_seconds_count{method="GET",route="",status="404"} 2`,
		`http_server_request_duration_seconds_count{method="other",route="",status="405"} 1`,
		`http_server_active_requests 0`,
		`go_sql_max_open_connections{db_name="`,
		`kit_build_info{environment="testing",name="shop",version="`,
		`go_goroutines `, `process_open_fds `,
	)
}

func TestTasks(t *testing.T) {
	t.Parallel()
	for kind, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			testTasks(t, url)
		})
	}
}

func testTasks(t *testing.T, url string) {
	app, m := newApp(t, url)
	ctx := t.Context()
	ledger := runs.New(app.DB, "web-1")
	due := time.Now().UTC().Truncate(time.Minute)
	begun, err := ledger.Begin(ctx, schedule.Claim{Token: "one", Due: due, Tasks: []string{"good", "bad", "going"}})
	if err != nil {
		t.Fatal(err)
	}
	for task, failure := range map[string]error{"good": nil, "bad": errors.New("no")} {
		if err := ledger.End(ctx, begun.IDs[task], schedule.Run{Name: task, Err: failure}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ledger.Pause(ctx, "resting"); err != nil {
		t.Fatal(err)
	}
	text := scrape(t, m)
	expect(t, text,
		`kit_schedule_readable 1`,
		`kit_task_last_run_success{task="good"} 1`, `kit_task_last_run_success{task="bad"} 0`,
		`kit_task_last_run_timestamp_seconds{task="good"} `, `kit_task_last_run_duration_seconds{task="bad"} `,
		`kit_task_next_run_timestamp_seconds{task="new"} `,
		`kit_task_running{task="going"} 1`, `kit_task_running{task="good"} 0`,
		`kit_task_paused{task="resting"} 1`, `kit_task_paused{task="new"} 0`,
		`kit_task_late{task="new"} 0`,
	)
	for _, line := range []string{`last_run_success{task="new"}`, `last_run_success{task="going"}`, `last_run_timestamp_seconds{task="new"}`} {
		if strings.Contains(text, line) {
			t.Errorf("there is a line %s:\n%s", line, text)
		}
	}
}

// The rest is still told when the database is away.
func TestWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	_, m := newApp(t, "postgres://nobody@127.0.0.1:1/nothing")
	expect(t, scrape(t, m), `kit_schedule_readable 0`, `go_goroutines `)
}

func TestMetricsOfOnesOwn(t *testing.T) {
	t.Parallel()
	_, m := newApp(t, dbtest.SQLite(t))
	orders := prometheus.NewCounter(prometheus.CounterOpts{Name: "shop_orders_total", Help: "Orders."})
	m.MustRegister(orders)
	orders.Inc()
	expect(t, scrape(t, m), `shop_orders_total 1`)
}
