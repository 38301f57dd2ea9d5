// Package inertia answers with React pages, over the Inertia protocol, version 3
// (https://inertiajs.com/the-protocol): a first visit gets an HTML document with
// the page in it, later visits of the client get the page as JSON.
//
//	pages := inertia.New(build, &inertia.Options{Title: "Shop"})
//
//	func (c *Cart) Index(w http.ResponseWriter, r *http.Request) error {
//		return c.pages.Render(w, r, "Cart", cartProps{Items: items})
//	}
//
// A page is a component of the frontend and its props: a struct or a map that is
// encoded as JSON. [Renderer.Middleware] must wrap every handler that renders.
package inertia

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"slices"
	"strings"

	"github.com/kitgo/kit/vite"
)

// Options are the settings of a [Renderer]. The zero value of each has a default.
type Options struct {
	Title  string // of the document, until the page sets its own; "Kit"
	Lang   string // of the document; "en"
	RootID string // the id of the element that holds the page, as createInertiaApp knows it; "app"
	Entry  string // the source file that starts the frontend; "src/app.tsx"
	Head   string // more HTML for the document's head, such as a link to an icon; ""
}

// Renderer renders pages. Create it with [New].
type Renderer struct {
	build      *vite.Build
	head, tail []byte // the document around the page
	err        error  // why there is no document
}

// New returns a Renderer of the pages in build. A nil o stands for the defaults.
func New(build *vite.Build, o *Options) *Renderer {
	if o == nil {
		o = new(Options)
	}
	lang, title := cmp.Or(o.Lang, "en"), cmp.Or(o.Title, "Kit")
	root := html.EscapeString(cmp.Or(o.RootID, "app"))
	p := &Renderer{build: build}
	tags, err := build.Tags(cmp.Or(o.Entry, "src/app.tsx"))
	p.err = err
	p.head = []byte("<!DOCTYPE html>\n<html lang=\"" + html.EscapeString(lang) + "\">\n<head>\n" +
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<title>" + html.EscapeString(title) + "</title>\n" + head(o.Head) + tags +
		"</head>\n<body>\n<script data-page=\"" + root + "\" type=\"application/json\">")
	p.tail = []byte("</script>\n<div id=\"" + root + "\">" + notBuilt(build) + "</div>\n</body>\n</html>\n")
	return p
}

// head returns the HTML with an end of line, if there is any.
func head(html string) string {
	if html == "" {
		return ""
	}
	return strings.TrimRight(html, "\n") + "\n"
}

func notBuilt(build *vite.Build) string {
	if build.Built() {
		return ""
	}
	return "<p style=\"font:1rem/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem\">The frontend is not built yet. Run: <code>kit build</code></p>"
}

// Render answers with the page component and its props: a struct, a map with
// string keys, or nil. Props that cannot be encoded are an error, and then nothing
// has been written.
func (p *Renderer) Render(w http.ResponseWriter, r *http.Request, component string, props any) error {
	page, err := p.page(r, component, props)
	if err != nil {
		return err
	}
	h := w.Header()
	varyByVisit(h)
	if isVisit(r) {
		h.Set("X-Inertia", "true")
		h.Set("Content-Type", "application/json")
		_, err = w.Write(page)
		return err
	}
	if p.err != nil {
		return p.err
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write(slices.Concat(p.head, page, p.tail))
	return err
}

// page returns the page object of the protocol. encoding/json escapes <, > and &,
// so that no text in it can end the script element that holds it.
func (p *Renderer) page(r *http.Request, component string, props any) ([]byte, error) {
	encoded, err := encode(props)
	if err != nil {
		return nil, fmt.Errorf("the props of page %s: %w", component, err)
	}
	name, err := json.Marshal(component)
	if err != nil {
		return nil, fmt.Errorf("the page %s: %w", component, err)
	}
	rest, err := json.Marshal(struct {
		URL     string `json:"url"`
		Version string `json:"version"`
	}{address(r), p.build.Version()})
	if err != nil {
		return nil, fmt.Errorf("the page %s: %w", component, err)
	}
	// The object is put together by hand: as a part of a larger value the props
	// would be parsed and written once more.
	return slices.Concat([]byte(`{"component":`), name, []byte(`,"props":`), encoded, []byte(`,`), rest[1:]), nil
}

// encode returns props as a JSON object that has errors, which every page must.
func encode(props any) ([]byte, error) {
	body, err := json.Marshal(props)
	if err != nil {
		return nil, err
	}
	if string(body) == "null" {
		body = []byte("{}")
	}
	if body[0] != '{' {
		return nil, fmt.Errorf("%T is no JSON object; use a struct or a map", props)
	}
	switch at := errorsAt(body); {
	case at >= 0 && bytes.HasPrefix(body[at:], []byte("null")):
		// A nil map. The client reads errors without asking whether there are any.
		return slices.Concat(body[:at], []byte("{}"), body[at+len("null"):]), nil
	case at >= 0 && body[at] != '{':
		return nil, fmt.Errorf("errors in %T is no JSON object; use a map of messages by field", props)
	case at >= 0:
		return body, nil
	case len(body) == len("{}"):
		return []byte(`{"errors":{}}`), nil
	default:
		return slices.Concat([]byte(`{"errors":{},`), body[1:]), nil
	}
}

// errorsAt returns where the value of the key errors begins in object, as
// [json.Marshal] writes it, or -1 if it has no such key.
func errorsAt(object []byte) int {
	depth := 0
	for i := 0; i < len(object); i++ {
		switch object[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			begin := i
			for i++; object[i] != '"'; i++ {
				if object[i] == '\\' {
					i++
				}
			}
			if before := object[begin-1]; depth == 1 && (before == '{' || before == ',') && string(object[begin:i+1]) == `"errors"` {
				return i + len(`":`)
			}
		}
	}
	return -1
}

// Assets serves the files of the frontend's build and leaves the rest to next.
func (p *Renderer) Assets(next http.Handler) http.Handler { return p.build.Handler(next) }

// Location sends the client to url with a full page load: for addresses outside of
// the application, which a visit in the background cannot follow.
func Location(w http.ResponseWriter, r *http.Request, url string) error {
	if url == "" {
		return errors.New("inertia: a redirect to nowhere")
	}
	if !isVisit(r) {
		http.Redirect(w, r, url, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("X-Inertia-Location", url)
	w.WriteHeader(http.StatusConflict)
	return nil
}

func isVisit(r *http.Request) bool { return r.Header.Get("X-Inertia") != "" }
