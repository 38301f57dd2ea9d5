package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kitgo/kit/web"
)

// BenchmarkRouter compares the router with the ServeMux that it stands on, each
// with 200 routes.
func BenchmarkRouter(b *testing.B) {
	mux := http.NewServeMux()
	router := web.NewRouter()
	for i := range 100 {
		mux.HandleFunc(fmt.Sprintf("GET /things%d", i), func(http.ResponseWriter, *http.Request) {})
		mux.HandleFunc(fmt.Sprintf("GET /things%d/{id}", i), func(http.ResponseWriter, *http.Request) {})
		router.Get(fmt.Sprintf("/things%d", i), func(http.ResponseWriter, *http.Request) error { return nil })
		router.Get(fmt.Sprintf("/things%d/{id}", i), func(http.ResponseWriter, *http.Request) error { return nil })
	}
	for _, path := range []string{"/things50", "/things50/7"} {
		r := httptest.NewRequest("GET", path, nil)
		w := httptest.NewRecorder()
		for _, c := range []struct {
			name    string
			handler http.Handler
		}{{"ServeMux", mux}, {"Router", router}} {
			b.Run(c.name+path, func(b *testing.B) {
				for b.Loop() {
					c.handler.ServeHTTP(w, r)
				}
			})
		}
	}
}
