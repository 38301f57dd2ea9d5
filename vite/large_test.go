package vite_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/kitgo/kit/vite"
)

// answer is a response whose body costs nothing.
type answer struct {
	header http.Header
	status int
	length int
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { a.length += len(b); return len(b), nil }

// What an answer allocates does not grow with the file: neither with one that stays in
// memory, nor with one that is too large for that.
func TestAnswersAllocateTheSameForLargeFiles(t *testing.T) { //nolint:paralleltest // it measures what the process allocates
	for _, size := range []int{3 << 20, 20 << 20} {
		content := string(bytes.Repeat([]byte("0123456789abcdef"), size/16))
		build, err := vite.New(files(map[string]string{"film.mp4": content}))
		if err != nil {
			t.Fatal(err)
		}
		handler := build.Handler(http.NotFoundHandler())
		get := func(headers ...string) *answer {
			r := httptest.NewRequest(http.MethodGet, "/film.mp4", nil)
			for i := 0; i+1 < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			w := &answer{header: http.Header{}}
			handler.ServeHTTP(w, r)
			return w
		}
		first := get() // is read
		if first.status != 200 || first.length != size || first.header.Get("ETag") == "" {
			t.Errorf("%d bytes: %d, %d bytes, %v", size, first.status, first.length, first.header)
		}
		if part := get("Range", "bytes=16-31"); part.status != 206 || part.length != 16 {
			t.Errorf("a part of %d bytes: %d, %d bytes", size, part.status, part.length)
		}
		if same := get("If-None-Match", first.header.Get("ETag")); same.status != 304 || same.length != 0 {
			t.Errorf("the same %d bytes: %d, %d bytes", size, same.status, same.length)
		}
		const times, most = 20, 64 << 10
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			get()
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / times; each > most {
			t.Errorf("an answer of %d bytes allocates %d, want at most %d", size, each, most)
		}
	}
}
