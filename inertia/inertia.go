// Package inertia answers with React pages, over the Inertia protocol, version 3
// (https://inertiajs.com/the-protocol): a first visit gets an HTML document with
// the page in it, later visits of the client get the page as JSON.
//
//	pages := inertia.New(build, &inertia.Options{Title: "Shop"})
//
//	func (c *Cart) Index(w http.ResponseWriter, r *http.Request) error {
//		return c.pages.Render(w, r, "Cart", cartProps{
//			Items:   items,
//			Advice:  inertia.Defer(c.advice),       // once the page is shown
//			Vouchers: inertia.OnRequest(c.vouchers), // when it asks for them
//		})
//	}
//
// A page is a component of the frontend and its props: a struct or a map that is
// encoded as JSON. Props that are not needed each time have a type of their own,
// such as [Deferred], and are computed only when they are sent.
//
// [Renderer.Middleware] must wrap every handler that renders.
package inertia

import (
	"cmp"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/kitgo/kit/vite"
)

// Options are the settings of a [Renderer]. The zero value of each has a default.
type Options struct {
	Title  string // of the document, until the page sets its own; "Kit"
	Lang   string // of the document; "en"
	RootID string // the id of the element that holds the page, as createInertiaApp knows it; "app"
	Entry  string // the source file that starts the frontend; "src/app.tsx"
	Pages  string // the folder of the page components; "src/pages"
	Head   string // more HTML for the document's head, such as a link to an icon; ""

	// Preload names files that every page needs and a browser would find late, such as
	// the fonts of its styles: src/fonts/Inter.woff2. See [vite.Build.PreloadAsset].
	Preload []string

	// Share returns props that every page has, a struct or a map, such as who is
	// signed in. A page's own props replace those of the same name. A nil one shares
	// nothing.
	Share func(r *http.Request) (any, error)

	// Store keeps errors and flash until the next page. Without one, keeping them is
	// an error.
	Store Store

	// EncryptHistory makes the client encrypt the pages in its history, so that
	// nobody reads them after [Renderer.ClearHistory]. Browsers can do that only at
	// https addresses and localhost.
	EncryptHistory bool
}

// Renderer renders pages. Create it with [New].
type Renderer struct {
	build *vite.Build

	head, body, tail string            // the document around what its page fetches early, and the page
	early            map[string]string // what that is, by component; empty if the build has no chunk for each
	any              bool              // components that the build does not have are no mistakes
	folder           string            // of the components
	err              error             // why there is no document

	share   func(r *http.Request) (any, error)
	store   Store
	encrypt bool
}

// New returns a Renderer of the pages in build. A nil o stands for the defaults.
func New(build *vite.Build, o *Options) *Renderer {
	if o == nil {
		o = new(Options)
	}
	lang, title, entry := cmp.Or(o.Lang, "en"), cmp.Or(o.Title, "Kit"), cmp.Or(o.Entry, "src/app.tsx")
	root := html.EscapeString(cmp.Or(o.RootID, "app"))
	p := &Renderer{build: build, share: o.Share, store: o.Store, encrypt: o.EncryptHistory, folder: cmp.Or(o.Pages, "src/pages")}
	tags, err := p.tags(entry, o.Preload)
	p.err = err
	p.head = "<!DOCTYPE html>\n<html lang=\"" + html.EscapeString(lang) + "\">\n<head>\n" +
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<title>" + html.EscapeString(title) + "</title>\n" + head(o.Head) + tags
	p.body = "</head>\n<body>\n<script data-page=\"" + root + "\" type=\"application/json\">"
	p.tail = "</script>\n<div id=\"" + root + "\">" + notBuilt(build) + "</div>\n</body>\n</html>\n"
	p.early = make(map[string]string)
	for component, source := range build.Sources(p.folder) {
		p.early[component] = build.Preload(entry, source)
	}
	return p
}

// tags returns what loads the frontend, behind the files that are to be there early.
func (p *Renderer) tags(entry string, early []string) (string, error) {
	var all strings.Builder
	for _, source := range early {
		tag, err := p.build.PreloadAsset(source)
		if err != nil {
			return "", err
		}
		all.WriteString(tag)
	}
	tags, err := p.build.Tags(entry)
	all.WriteString(tags)
	return all.String(), err
}

// known reports a component that the build does not have. One whose pages are not
// chunks of their own does not tell.
func (p *Renderer) known(component string) error {
	if _, ok := p.early[component]; ok || len(p.early) == 0 || p.any {
		return nil
	}
	return fmt.Errorf("the frontend's build has no page %s: is there %s/%s.tsx, and was it built since (kit build)?", component, p.folder, component)
}

// AnyComponent makes the Renderer take a component that the frontend's build does not
// have for one that is not built yet, as it does with all before the first build: for
// tests, which look at props and not at scripts. It must be called before the first
// request.
func (p *Renderer) AnyComponent() { p.any = true }

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
// string keys, or nil. Of lazy props it computes those that the request asks for. If
// one of them fails, or a prop cannot be encoded, that is an error which names the
// prop, and nothing has been written. So it is if the frontend's build has no such
// component.
func (p *Renderer) Render(w http.ResponseWriter, r *http.Request, component string, props any) error {
	return p.RenderStatus(w, r, http.StatusOK, component, props)
}

// RenderStatus is Render with another status than 200: for pages that show an error.
func (p *Renderer) RenderStatus(w http.ResponseWriter, r *http.Request, status int, component string, props any) error {
	if !isVisit(r) && p.err != nil {
		return p.err
	}
	if err := p.known(component); err != nil {
		return err
	}
	e := encoders.Get().(*encoder)
	defer e.free()
	if !isVisit(r) {
		e.WriteString(p.head)
		e.WriteString(p.early[component])
		e.WriteString(p.body)
	}
	if err := p.page(w, r, e, component, props); err != nil {
		return err
	}
	h := w.Header()
	vary(h, "X-Inertia")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	if isVisit(r) {
		h.Set("X-Inertia", "true")
		h.Set("Content-Type", "application/json")
	} else {
		e.WriteString(p.tail)
		h.Set("Content-Type", "text/html; charset=utf-8")
	}
	w.WriteHeader(status)
	_, err := w.Write(e.Bytes())
	return err
}

// page writes the page object, with what former requests have left for it.
func (p *Renderer) page(w http.ResponseWriter, r *http.Request, e *encoder, component string, props any) (err error) {
	page := page{component: component, props: props, url: address(r), version: p.build.Version()}
	if p.share != nil {
		if page.shared, err = p.share(r); err != nil {
			return fmt.Errorf("the shared props of page %s: %w", component, err)
		}
	}
	v := visitOf(r)
	page.rest.EncryptHistory = p.encrypt
	if v.encrypt != nil {
		page.rest.EncryptHistory = *v.encrypt
	}
	// What is fetched before it is shown, or perhaps never is, must not use up what
	// was left for the page that is shown.
	takes := !isPrefetch(r)
	if takes {
		if v, err = p.load(r); err != nil {
			return err
		}
		page.errors = errorsOf(v.left, r.Header)
		page.rest.Flash = v.left.Flash
		page.rest.ClearHistory = v.left.ClearHistory
		page.rest.PreserveFragment = v.left.PreserveFragment
	}
	if err := page.write(r.Context(), e, read(r.Header, component)); err != nil {
		return fmt.Errorf("the props of page %s: %w", component, err)
	}
	if takes && !v.left.empty() {
		v.left = Left{}
		if err := p.store.Save(w, r, v.left); err != nil {
			return fmt.Errorf("forgetting errors and flash of the last request: %w", err)
		}
	}
	return nil
}

// Packages returns the packages of npm whose code is in the build; ok is false when the
// build does not say.
func (p *Renderer) Packages() (list []vite.Package, ok bool) { return p.build.Packages() }

// Assets serves the files of the frontend's build and leaves the rest to next.
func (p *Renderer) Assets(next http.Handler) http.Handler { return p.build.Handler(next) }
