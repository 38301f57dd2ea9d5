package inertia_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kitgo/kit/inertia"
)

type benchRow struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Done  bool   `json:"done"`
}

type benchRows struct {
	Rows []benchRow `json:"rows"`
}

type benchLazy struct {
	Rows  []benchRow               `json:"rows"`
	Later inertia.Deferred[string] `json:"later"`
}

func rowsOf(n int) []benchRow {
	rows := make([]benchRow, n)
	for i := range rows {
		rows[i] = benchRow{i, "a title of the usual length", i%2 == 0}
	}
	return rows
}

// discard is a ResponseWriter that costs nothing.
type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func benchRequest(version string, headers ...string) *http.Request {
	r := httptest.NewRequest("GET", "/list?page=2", nil)
	if version != "" {
		r.Header.Set("X-Inertia", "true")
		r.Header.Set("X-Inertia-Version", version)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// BenchmarkRender compares a page with the JSON of its props, written by hand with
// net/http.
func BenchmarkRender(b *testing.B) {
	pages, version := renderer(b)
	for _, size := range []struct {
		name string
		rows int
	}{{"4KB", 65}, {"100KB", 1600}} {
		rows := rowsOf(size.rows)
		plain, lazy := benchRows{rows}, benchLazy{rows, inertia.Defer(inertia.Value(""))}
		b.Run(size.name+"/json.Marshal", func(b *testing.B) {
			for b.Loop() {
				w := discard{http.Header{}}
				body, err := json.Marshal(plain)
				if err != nil {
					b.Fatal(err)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusOK)
				_, _ = w.Write(body)
			}
		})
		for _, c := range []struct {
			name  string
			r     *http.Request
			props any
		}{{"document", benchRequest(""), plain}, {"visit", benchRequest(version), plain}, {"visit with a deferred prop", benchRequest(version), lazy}} {
			b.Run(size.name+"/"+c.name, func(b *testing.B) {
				for b.Loop() {
					if err := pages.Render(discard{http.Header{}}, c.r, "List", c.props); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkPartial reloads one prop of twenty.
func BenchmarkPartial(b *testing.B) {
	pages, version := renderer(b)
	rows := func(context.Context) ([]benchRow, error) { return rowsOf(20), nil }
	type twenty struct {
		A, B, C, D, E, F, G, H, I, J inertia.Computed[[]benchRow]
		K, L, M, N, O, P, Q, R, S, T []benchRow
	}
	c := inertia.Compute(rows)
	b.Run("json.Marshal", func(b *testing.B) {
		for b.Loop() {
			w := discard{http.Header{}}
			v, _ := rows(b.Context())
			body, err := json.Marshal(map[string]any{"G": v})
			if err != nil {
				b.Fatal(err)
			}
			_, _ = w.Write(body)
		}
	})
	b.Run("partial reload", func(b *testing.B) {
		r := benchRequest(version, onShow, "List", only, "G")
		for b.Loop() {
			props := twenty{A: c, B: c, C: c, D: c, E: c, F: c, G: c, H: c, I: c, J: c, K: nil}
			if err := pages.Render(discard{http.Header{}}, r, "List", props); err != nil {
				b.Fatal(err)
			}
		}
	})
}
