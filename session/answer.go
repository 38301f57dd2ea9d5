package session

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/web"
)

// saveTimeout is how long storing a session may take, also when the client has gone
// meanwhile.
const saveTimeout = 30 * time.Second

// answer stores the session before the answer begins, as its cookie is a header.
type answer struct {
	http.ResponseWriter
	request *http.Request
	state   *state
	begun   bool
	failed  bool // the answer says that the session could not be stored
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	if status >= 200 || status == http.StatusSwitchingProtocols {
		a.begin()
	}
	if !a.failed {
		a.ResponseWriter.WriteHeader(status)
	}
}

func (a *answer) Write(b []byte) (int, error) {
	a.begin()
	if a.failed {
		return len(b), nil
	}
	return a.ResponseWriter.Write(b)
}

// FlushError sends what was written so far.
func (a *answer) FlushError() error {
	a.begin()
	return http.NewResponseController(a.ResponseWriter).Flush()
}

// Flush sends what was written so far.
func (a *answer) Flush() { _ = a.FlushError() }

// Hijack hands the connection over. The session has been stored by then, but the handler
// writes its own headers: a new visitor is not told of it.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	a.begin()
	if a.failed {
		return nil, nil, errors.New("session: it could not be stored; the client has been told so")
	}
	return http.NewResponseController(a.ResponseWriter).Hijack()
}

// begin stores the session. If that fails, the client must not believe that it was: it
// gets the error instead of the answer.
func (a *answer) begin() {
	if a.begun {
		return
	}
	a.begun = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(a.request.Context()), saveTimeout)
	defer cancel()
	cookie, err := a.state.save(ctx)
	if err != nil {
		a.failed = true
		web.WriteError(a.ResponseWriter, a.request, err)
		return
	}
	h := a.Header()
	if a.state.loaded && !slices.Contains(h.Values("Vary"), "Cookie") {
		h.Add("Vary", "Cookie")
	}
	if cookie == nil {
		return
	}
	http.SetCookie(a.ResponseWriter, cookie)
	// A cache that kept the answer would give the session to others.
	if !isPrivate(h) {
		h.Set("Cache-Control", "private, no-cache")
	}
}

// isPrivate says whether caches that are shared keep nothing of an answer (RFC 9111,
// section 5.2.2): private="x" is about a header only.
func isPrivate(h http.Header) bool {
	private := false
	for _, line := range h["Cache-Control"] {
		for directive := range strings.SplitSeq(line, ",") {
			switch name, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "="); name {
			case "private", "no-store":
				private = private || !strings.Contains(directive, "=")
			case "public", "s-maxage":
				return false
			}
		}
	}
	return private
}
