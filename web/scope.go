package web

import (
	"context"
	"net/http"
)

// scope is what the middleware of this package knows of one request. The first that
// needs one makes it; so a request has one value more in its context, however many
// there are. It is that context itself, which saves an allocation.
type scope struct {
	context.Context
	id     string // the request's
	nonce  string // of the Content-Security-Policy
	errors *Errors
	input  *Input
	answer response
	failed Handler // the one whose error is answered, for developers

	secret  bool // the path is a secret, which no log may have
	ends    bool // somebody calls end when the request has been handled
	uploads []*Upload
}

// end deletes what was kept for the request.
func (s *scope) end() {
	for _, u := range s.uploads {
		u.discard()
	}
	s.uploads = nil
}

type scopeKey struct{}

// Value returns what the context has for a key.
func (s *scope) Value(key any) any {
	if key == (scopeKey{}) {
		return s
	}
	return s.Context.Value(key)
}

// scopeOf returns the scope of a request, or nil.
func scopeOf(ctx context.Context) *scope {
	s, _ := ctx.Value(scopeKey{}).(*scope)
	return s
}

// scoped returns the scope of a request, and the request that has it.
func scoped(r *http.Request) (*scope, *http.Request) {
	if s := scopeOf(r.Context()); s != nil {
		return s, r
	}
	s := &scope{Context: r.Context()}
	return s, r.WithContext(s)
}

// observe returns w as a writer that observes the answer, wrapping it unless it is one.
func (s *scope) observe(w http.ResponseWriter) *response {
	if seen, ok := w.(*response); ok {
		return seen
	}
	if s.answer.ResponseWriter != nil { // another writer is observed already, below w
		return &response{ResponseWriter: w}
	}
	s.answer.ResponseWriter = w
	return &s.answer
}
