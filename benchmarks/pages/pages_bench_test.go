package pages_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// task is one kind of request.
type task struct {
	name, path string
	visit      bool
	headers    []string
}

var tasks = []task{
	{"document, 4 KB", "/small", false, nil},
	{"document, 100 KB", "/large", false, nil},
	{"visit, 4 KB", "/small", true, nil},
	{"visit, 100 KB", "/large", true, nil},
	{"one prop of twenty", "/twenty", true, []string{"X-Inertia-Partial-Component", "Twenty", "X-Inertia-Partial-Data", "g"}},
}

// request makes the request of a task, as a client that got its document from h.
func (t task) request(tb testing.TB, h http.Handler) *http.Request {
	tb.Helper()
	r := httptest.NewRequest("GET", t.path, nil)
	if t.visit {
		first := httptest.NewRecorder()
		h.ServeHTTP(first, httptest.NewRequest("GET", t.path, nil))
		r.Header.Set("X-Inertia", "true")
		r.Header.Set("X-Inertia-Version", pageIn(tb, first).Version)
	}
	for i := 0; i+1 < len(t.headers); i += 2 {
		r.Header.Set(t.headers[i], t.headers[i+1])
	}
	return r
}

// pageIn returns the page object of an answer.
func pageIn(tb testing.TB, w *httptest.ResponseRecorder) (p page) {
	tb.Helper()
	text := w.Body.String()
	if _, rest, ok := strings.Cut(text, `type="application/json">`); ok {
		text, _, _ = strings.Cut(rest, "</script>")
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		tb.Fatalf("%v\n%.500s", err, w.Body)
	}
	return p
}

// Only what does the same may be compared.
func TestTheyAnswerTheSame(t *testing.T) {
	t.Parallel()
	build := openBuild(t)
	for _, task := range tasks {
		var want page
		for i, c := range contenders {
			w, h := httptest.NewRecorder(), c.make(build)
			h.ServeHTTP(w, task.request(t, h))
			got := pageIn(t, w)
			got.Version = "" // gonertia has a hash of it
			if i == 0 {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" || w.Code != 200 {
				t.Errorf("%s, %s: %d (-by hand +got)\n%.1000s", task.name, c.name, w.Code, diff)
			}
			if n := len(got.Props); n != 2 {
				t.Errorf("%s, %s: %d props", task.name, c.name, n)
			}
			if strings.Contains(w.Header().Get("Content-Type"), "json") != task.visit {
				t.Errorf("%s, %s: %v", task.name, c.name, w.Header())
			}
		}
	}
}

// writer is a response that costs nothing.
type writer struct{ header http.Header }

func (w writer) Header() http.Header         { return w.header }
func (w writer) WriteHeader(int)             {}
func (w writer) Write(b []byte) (int, error) { return len(b), nil }

// cpu returns the time in nanoseconds that the process has computed.
func cpu() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkPages answers single requests, without a network.
func BenchmarkPages(b *testing.B) {
	build := openBuild(b)
	for _, task := range tasks {
		for _, c := range contenders {
			b.Run(strings.ReplaceAll(task.name+"/"+c.name, ", ", "-"), func(b *testing.B) {
				h, w := c.make(build), writer{http.Header{}}
				r := task.request(b, h)
				b.ReportAllocs()
				before := cpu()
				for b.Loop() {
					clear(w.header)
					h.ServeHTTP(w, r)
				}
				// What other programs on the machine take does not count here.
				b.ReportMetric(float64(cpu()-before)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}
