package devserver

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"
)

const (
	// clientPath is below what the development server itself answers.
	clientPath = "/_kit/dev/"
	// longestWait is how long a request waits for a program that answers it.
	longestWait = time.Minute
	// headSize is in how much of a page its head is looked for.
	headSize = 64 << 10
)

//go:embed client.js
var client []byte

// handler answers every request: those for Vite and for the development server itself,
// and all others by the application.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+clientPath+"client.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write(client)
	})
	mux.HandleFunc("GET "+clientPath+"events", s.events)
	mux.Handle("POST "+clientPath+"migrate", http.NewCrossOriginProtection().Handler(http.HandlerFunc(s.migrateFromBrowser)))
	if s.frontend != nil {
		mux.Handle(VitePath+"/", s.frontend)
	}
	mux.HandleFunc("/", s.application)
	return mux
}

// application answers a request by the program that runs, and waits for one when there is
// none.
func (s *Server) application(w http.ResponseWriter, r *http.Request) {
	if s.frontend != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		if file := s.frontend.public(r.URL.Path); file != "" {
			w.Header().Set("Cache-Control", "no-cache")
			http.ServeFile(w, r, file)
			return
		}
	}
	timeout := time.NewTimer(longestWait)
	defer timeout.Stop()
	for {
		state, current, changed := s.board.read()
		switch {
		case current != nil && current.process.alive():
			current.proxy.ServeHTTP(w, r)
			return
		case state.Phase == Failed:
			unavailable(w, r, http.StatusInternalServerError, state)
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-timeout.C:
			unavailable(w, r, http.StatusServiceUnavailable, state)
			return
		}
	}
}

// unavailable says why no program answers. In a browser the client then shows more, and
// loads the page again when there is one.
func unavailable(w http.ResponseWriter, r *http.Request, status int, state State) {
	text := state.Failure
	if text == "" {
		text = "The application is " + string(state.Phase) + "."
	}
	text += "\n\n" + state.Output
	w.Header().Set("Cache-Control", "no-store")
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Error(w, strings.TrimSpace(text), status)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>%s</title>\n%s\n</head>\n<body>\n<pre>%s</pre>\n</body>\n</html>\n",
		html.EscapeString(string(state.Phase)), clientTag(0, ""), html.EscapeString(strings.TrimSpace(text)))
}

// events streams the state to a browser as it changes.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	c := http.NewResponseController(w)
	for {
		state, _, changed := s.board.read()
		text, err := json.Marshal(state)
		if err != nil {
			return
		}
		if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil || c.Flush() != nil {
			return
		}
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		case <-s.stopping:
			return
		}
	}
}

// migrateFromBrowser runs the pending migrations.
func (s *Server) migrateFromBrowser(w http.ResponseWriter, r *http.Request) {
	if output, err := s.migrate(r.Context()); err != nil {
		http.Error(w, output, http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

var nonce = regexp.MustCompile(`script-src[^;]*'nonce-([^']+)'`)

// clientTag loads the client, which gets to know what version of the program has made the
// page: none for a page that waits for one.
func clientTag(version int, nonce string) string {
	if nonce != "" {
		nonce = ` nonce="` + html.EscapeString(nonce) + `"`
	}
	return fmt.Sprintf(`<script src="%sclient.js" data-version="%d"%s></script>`, clientPath, version, nonce)
}

// addClient adds the client to a page of the application.
func (s *Server) addClient(r *http.Response) error {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") || r.Header.Get("Content-Encoding") != "" ||
		r.Request.Method == http.MethodHead || r.StatusCode == http.StatusNoContent || r.StatusCode == http.StatusNotModified {
		return nil
	}
	begin := make([]byte, 0, headSize)
	at := -1
	for at < 0 && len(begin) < cap(begin) {
		n, err := r.Body.Read(begin[len(begin):cap(begin)])
		begin = begin[:len(begin)+n]
		if at = headEnd(begin); err != nil {
			break
		}
	}
	if at >= 0 {
		var own string
		if m := nonce.FindStringSubmatch(r.Header.Get("Content-Security-Policy")); m != nil {
			own = m[1]
		}
		state, _, _ := s.board.read()
		tag := clientTag(state.Version, own)
		begin = append(begin[:at:at], append([]byte(tag+"\n"), begin[at:]...)...)
		r.Header.Del("Content-Length")
		r.ContentLength = -1
		r.Header.Del("ETag")
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begin), r.Body), r.Body}
	return nil
}

// headEnd returns where the end of a page's head begins, or -1.
func headEnd(text []byte) int { return bytes.Index(bytes.ToLower(text), []byte("</head>")) }
