package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

const (
	formBody = "name=Ada+Lovelace&email=ada%40example.com&count=7&gift=true&note=Please+ring+twice%2C+%C3%A4nd+wait."
	jsonBody = `{"name":"Ada Lovelace","email":"ada@example.com","count":7,"gift":true,"note":"Please ring twice, änd wait.",` +
		`"lines":[{"product":"tea","price":4.5},{"product":"coffee","price":7},{"product":"sugar","price":1.25}]}`
)

// task is one kind of request.
type task struct{ name, method, path, contentType, body, want string }

var tasks = []task{
	{"Params200", "GET", "/thing100/7/parts/abc", "", "", "abc 7 0"},
	{"Form", "POST", "/form", "application/x-www-form-urlencoded", formBody, "Ada Lovelace 7 0"},
	{"JSON", "POST", "/json", "application/json", jsonBody, "Ada Lovelace 7 3"},
}

// writer is a response that costs nothing.
type writer struct {
	header http.Header
	status int
}

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(status int)      { w.status = status }
func (w *writer) Write(b []byte) (int, error) { return len(b), nil }

type body struct{ strings.Reader }

func (*body) Close() error { return nil }

// request returns a function that makes the request of a task anew, at the same cost
// for all.
func (t task) request() func() *http.Request {
	base := httptest.NewRequest(t.method, t.path, strings.NewReader(t.body))
	if t.contentType != "" {
		base.Header.Set("Content-Type", t.contentType)
	}
	b := new(body)
	return func() *http.Request {
		r := new(http.Request)
		*r = *base
		if b.Reset(t.body); t.body != "" {
			r.Body = b
		}
		return r
	}
}

func TestContestantsAnswerTheSame(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{"Form": strings.Replace(formBody, "count=7", "count=100", 1), "JSON": strings.Replace(jsonBody, `"tea"`, `""`, 1)}
	for _, c := range contestants {
		h := c.serve(200)
		for _, task := range tasks {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, task.request()())
			if w.Code != http.StatusOK || w.Body.String() != task.want {
				t.Errorf("%s, %s: %d %s", c.name, task.name, w.Code, w.Body)
			}
			if task.body = wrong[task.name]; task.body == "" {
				continue
			}
			w = httptest.NewRecorder()
			h.ServeHTTP(w, task.request()())
			if w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s, wrong %s: %d %s", c.name, task.name, w.Code, w.Body)
			}
		}
	}
}

// BenchmarkTasks answers single requests, without a network.
func BenchmarkTasks(b *testing.B) {
	for _, task := range tasks {
		for _, c := range contestants {
			b.Run(task.name+"/"+c.name, func(b *testing.B) { measure(b, c.serve(200), task) })
		}
	}
}

// BenchmarkRoutes shows what a request costs in tables of 10 to 10,000 routes.
func BenchmarkRoutes(b *testing.B) {
	for _, routes := range []int{10, 100, 1000, 10_000} {
		for _, c := range contestants {
			task := tasks[0]
			task.path = pattern(routes/2, "7", "abc")
			b.Run(fmt.Sprintf("%d/%s", routes, c.name), func(b *testing.B) { measure(b, c.serve(routes), task) })
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

func measure(b *testing.B, h http.Handler, t task) {
	b.Helper()
	request, w := t.request(), &writer{header: http.Header{}}
	h.ServeHTTP(w, request())
	if w.status != http.StatusOK {
		b.Fatalf("status %d", w.status)
	}
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		h.ServeHTTP(w, request())
	}
	// What other programs on the machine take does not count here.
	b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
}
