package vite_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

// Whatever headers a client sends, what it gets is a file, in one of its codings, a part
// of that, or the word that it has it already.
func FuzzRequests(f *testing.F) {
	const path = "/assets/app-11111111.js"
	for _, seed := range [][4]string{
		{"br", "bytes=0-2", "", ""}, {"gzip;q=1, identity;q=0", "bytes=0-1,3-", "", ""}, {"*;q=0", "bytes=-1", `"x"`, ""}, {"", "bytes=9999-", "", `W/"a", *`},
		{"br;q=x", "bytes=0-0,0-0,0-0", `W/"x"`, `"`}, {"identity", "bytes=18446744073709551615-", "", ","}, {"gzip, br", "bytes 0-1", "Mon, 02 Jan 2006 15:04:05 GMT", "*"}, {"br", "bytes=2-1", "", ""},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], false)
		f.Add(seed[0], seed[1], seed[2], seed[3], true)
	}
	handler := open(f).Handler(http.NotFoundHandler())
	ask := func(method string, headers map[string]string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		for name, value := range headers {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	whole := map[string]string{}
	for _, coding := range []string{"identity", "gzip", "br"} {
		w := ask("GET", map[string]string{"Accept-Encoding": coding})
		whole[w.Header().Get("Content-Encoding")] = w.Body.String()
	}
	f.Fuzz(func(t *testing.T, accept, part, ifRange, match string, head bool) {
		headers := map[string]string{"Accept-Encoding": accept, "Range": part, "If-Range": ifRange, "If-None-Match": match}
		w := ask("GET", headers)
		h, body := w.Header(), w.Body.String()
		all, known := whole[h.Get("Content-Encoding")]
		switch w.Code {
		case http.StatusOK:
			if !known || body != all || h.Get("Content-Length") != strconv.Itoa(len(all)) {
				t.Errorf("%q: %q in %q", headers, body, h.Get("Content-Encoding"))
			}
		case http.StatusPartialContent:
			if strings.HasPrefix(h.Get("Content-Type"), "multipart/") {
				if len(body) > 8*len(all)+4096 {
					t.Errorf("%q: %d bytes", headers, len(body))
				}
				break
			}
			var first, last, size int
			if _, err := fmt.Sscanf(h.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size); err != nil || size != len(all) || first > last || last >= size || body != all[first:last+1] || h.Get("Content-Length") != strconv.Itoa(len(body)) {
				t.Errorf("%q: %s %q", headers, h.Get("Content-Range"), body)
			}
		case http.StatusNotModified:
			if body != "" || match == "" {
				t.Errorf("%q: 304 with %q", headers, body)
			}
		case http.StatusRequestedRangeNotSatisfiable:
			if part == "" {
				t.Errorf("%q: 416", headers)
			}
		default:
			t.Errorf("%q: %d", headers, w.Code)
		}
		if head {
			if again := ask("HEAD", headers); again.Code != w.Code || again.Body.Len() != 0 && again.Code < 400 {
				t.Errorf("%q: HEAD is %d with %q, GET %d", headers, again.Code, again.Body, w.Code)
			}
		}
	})
}
