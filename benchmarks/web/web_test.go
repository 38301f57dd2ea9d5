package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/kitgo/kit/benchmarks/tasks"
	"github.com/kitgo/kit/web"
	"github.com/labstack/echo/v5"
)

// contestant serves the tasks without middleware.
type contestant struct {
	name  string
	serve func(routes int) http.Handler
}

var contestants = []contestant{
	{"net/http", func(routes int) http.Handler { m := http.NewServeMux(); tasks.Mux(m, routes); return m }},
	{"Kit", func(routes int) http.Handler {
		r := web.NewRouter()
		tasks.Kit(r, routes)
		if err := r.Err(); err != nil {
			panic(err)
		}
		return r
	}},
	{"chi", func(routes int) http.Handler { r := chi.NewRouter(); tasks.Chi(r, routes); return r }},
	{"echo", func(routes int) http.Handler { e := echo.New(); tasks.Echo(e, routes); return e }},
	{"gin", func(routes int) http.Handler {
		gin.SetMode(gin.ReleaseMode)
		e := gin.New()
		tasks.Gin(e, routes)
		return e
	}},
}

func TestContestantsAnswerTheSame(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{"form": strings.Replace(tasks.FormBody, "count=7", "count=100", 1), "JSON document": strings.Replace(tasks.JSONBody, `"tea"`, `""`, 1)}
	for _, c := range contestants {
		h := c.serve(200)
		for _, task := range tasks.All {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, task.Request()())
			if w.Code != http.StatusOK || w.Body.String() != task.Want {
				t.Errorf("%s, %s: %d %s", c.name, task.Name, w.Code, w.Body)
			}
			if task.Body = wrong[task.Name]; task.Body == "" {
				continue
			}
			w = httptest.NewRecorder()
			h.ServeHTTP(w, task.Request()())
			if w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s, wrong %s: %d %s", c.name, task.Name, w.Code, w.Body)
			}
		}
	}
}

// BenchmarkTasks answers single requests, without a network.
func BenchmarkTasks(b *testing.B) {
	for _, task := range tasks.All {
		for _, c := range contestants {
			b.Run(task.Name+"/"+c.name, func(b *testing.B) { measure(b, c.serve(200), task) })
		}
	}
}

// BenchmarkRoutes shows what a request costs in tables of 10 to 10,000 routes: with the
// garbage collector, whose work grows with all that a program keeps, such as a table;
// without it, for what finding a route takes; and in a small table while a large one is
// kept, for what the collector alone adds.
func BenchmarkRoutes(b *testing.B) {
	for _, routes := range []int{10, 100, 1000, 10_000} {
		for _, c := range contestants {
			task := tasks.All[0]
			task.Path = tasks.Pattern(routes/2, "7", "abc")
			b.Run(fmt.Sprintf("%d/%s", routes, c.name), func(b *testing.B) { measure(b, c.serve(routes), task) })
			b.Run(fmt.Sprintf("%d/%s/uncollected", routes, c.name), func(b *testing.B) {
				defer debug.SetGCPercent(debug.SetGCPercent(-1))
				measure(b, c.serve(routes), task)
			})
			if routes == 10 {
				b.Run(fmt.Sprintf("%d/%s/10000 kept", routes, c.name), func(b *testing.B) {
					kept := c.serve(10_000)
					measure(b, c.serve(routes), task)
					runtime.KeepAlive(kept)
				})
			}
		}
	}
}

// cpu returns the time in nanoseconds that the process has computed.
func cpu() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func measure(b *testing.B, h http.Handler, t tasks.Task) {
	b.Helper()
	request, w := t.Request(), tasks.NewWriter()
	h.ServeHTTP(w, request())
	if w.Status != http.StatusOK {
		b.Fatalf("status %d", w.Status)
	}
	b.ReportAllocs()
	collector := debug.SetGCPercent(-1)
	debug.SetGCPercent(collector)
	before := cpu()
	for n := 1; b.Loop(); n++ {
		h.ServeHTTP(w, request())
		if collector < 0 && n%100_000 == 0 { // 40 MB later
			b.StopTimer()
			begun := cpu()
			runtime.GC()
			before += cpu() - begun
			b.StartTimer()
		}
	}
	// What other programs on the machine take does not count here.
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}
