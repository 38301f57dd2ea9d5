package inertia

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
)

// Left is what a request leaves for the next page of the same visitor, usually that
// which it redirects to.
type Left struct {
	Errors           map[string]map[string]string `json:"errors,omitempty"` // by bag, "" if it has none, and field
	Flash            map[string]json.RawMessage   `json:"flash,omitempty"`
	ClearHistory     bool                         `json:"clear,omitempty"`
	PreserveFragment bool                         `json:"fragment,omitempty"`
}

// empty reports whether there is nothing to keep.
func (l Left) empty() bool {
	return len(l.Errors) == 0 && len(l.Flash) == 0 && !l.ClearHistory && !l.PreserveFragment
}

// Store keeps what requests leave for the next page. [NewCookies] is one that needs
// nothing on the server.
type Store interface {
	// Load returns what the visitor's requests have left; the zero value if nothing.
	Load(r *http.Request) (Left, error)

	// Save replaces it, before the answer is begun; the zero value forgets it. If there is
	// no room for it, that is [ErrTooLarge], and nothing is replaced.
	Save(w http.ResponseWriter, r *http.Request, l Left) error
}

// ErrTooLarge says that a [Store] has no room for what is left: a cookie holds about 3 KB.
var ErrTooLarge = errors.New("there is no room for it")

// visit is what handlers say about the answer to one request.
type visit struct {
	loaded  bool
	left    Left
	encrypt *bool
}

type visitKey struct{}

// visitOf returns the visit that [Renderer.Middleware] has put into the request. A
// handler outside of it gets one of its own.
func visitOf(r *http.Request) *visit {
	if v, ok := r.Context().Value(visitKey{}).(*visit); ok {
		return v
	}
	return new(visit)
}

func withVisit(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), visitKey{}, new(visit)))
}

// NeedsKey reports that the pages keep errors and flash in [Cookies], which several
// processes can read only with the same APP_KEY.
func (p *Renderer) NeedsKey() bool {
	_, ok := p.store.(*Cookies)
	return ok
}

var errNoStore = errors.New("errors, flash and the marks of the history must be kept until the next page: set Store in inertia.Options, such as inertia.NewCookies(cfg.Database.Key)")

// leave changes what is left for the next page.
func (p *Renderer) leave(w http.ResponseWriter, r *http.Request, change func(*Left)) error {
	v, err := p.load(r)
	if err != nil {
		return err
	}
	if p.store == nil {
		return errNoStore
	}
	before := v.left
	change(&v.left)
	if err := p.store.Save(w, r, v.left); err != nil {
		v.left = before
		return fmt.Errorf("keeping errors and flash for the next page: %w", err)
	}
	return nil
}

// load returns the visit with what former requests have left.
func (p *Renderer) load(r *http.Request) (*visit, error) {
	v := visitOf(r)
	if v.loaded || p.store == nil {
		return v, nil
	}
	left, err := p.store.Load(r)
	if err != nil {
		return nil, fmt.Errorf("reading errors and flash of the last request: %w", err)
	}
	v.loaded, v.left = true, left
	return v, nil
}

// Flash gives the next page, or the one that this request renders, a value that it
// shows once: page.flash[key] in the client. It is kept as JSON, across any number of
// redirects.
func (p *Renderer) Flash(w http.ResponseWriter, r *http.Request, key string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("flash %s: %w", key, err)
	}
	return p.leave(w, r, func(l *Left) {
		l.Flash = maps.Clone(l.Flash)
		if l.Flash == nil {
			l.Flash = map[string]json.RawMessage{}
		}
		l.Flash[key] = text
	})
}

// ClearHistory makes the next page, or the one that this request renders, forget the
// key of the encrypted history: at a sign-out, so that the back button shows nothing.
func (p *Renderer) ClearHistory(w http.ResponseWriter, r *http.Request) error {
	return p.leave(w, r, func(l *Left) { l.ClearHistory = true })
}

// PreserveFragment makes the next page keep the #fragment of the address that was
// visited, which a redirect would lose.
func (p *Renderer) PreserveFragment(w http.ResponseWriter, r *http.Request) error {
	return p.leave(w, r, func(l *Left) { l.PreserveFragment = true })
}

// EncryptHistory makes the client encrypt the page that this request renders in its
// history, or not, whatever [Options] says. It needs [Renderer.Middleware].
func (p *Renderer) EncryptHistory(r *http.Request, on bool) { visitOf(r).encrypt = &on }
