package integration_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tab is a browser at a page of the application.
type tab struct {
	*testing.T
	ctx        context.Context
	app        *pagesApp
	complaints func() []string
}

// open opens a page of a new application.
func openPages(t *testing.T, path string) *tab {
	t.Helper()
	p := &tab{T: t, app: startPages(t)}
	p.ctx, p.complaints = browser(t)
	if err := chromedp.Do(p.ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	p.visit(path)
	return p
}

func (p *tab) visit(path string) {
	p.Helper()
	show(p.ctx, p.T, "opening "+path, chromedp.Navigate(p.app.url+path))
	p.until("document.getElementById('page')")
	p.run("window.document.documentElement.dataset.same = 'yes'") // until a document is loaded
}

// run runs JavaScript.
func (p *tab) run(js string) {
	p.Helper()
	show(p.ctx, p.T, js, chromedp.Evaluate[chromedp.Void]("void ("+js+")"))
}

// until waits until JavaScript is true. `page` in it is the page as React shows it.
func (p *tab) until(js string) {
	p.Helper()
	predicate := fmt.Sprintf(`(() => { try {
		const page = JSON.parse(document.getElementById('page')?.textContent ?? 'null'), props = page?.props
		return !!(%s)
	} catch { return false } })()`, js)
	step, cancel := context.WithTimeout(p.ctx, time.Minute)
	defer cancel()
	for {
		// A document that is being replaced cannot answer.
		ok, err := chromedp.Run(step, chromedp.Evaluate[bool](predicate))
		if err == nil && ok {
			return
		}
		select {
		case <-step.Done():
			html, _ := chromedp.Run(p.ctx, chromedp.OuterHTML("html"))
			p.Fatalf("never: %s (%v)\n%s\n%q", js, err, html, p.complaints())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// is checks JavaScript that must be true now.
func (p *tab) is(js string) {
	p.Helper()
	if !show(p.ctx, p.T, js, chromedp.Evaluate[bool](fmt.Sprintf(
		`(() => { const page = JSON.parse(document.getElementById('page').textContent), props = page.props; return !!(%s) })()`, js))) {
		text := show(p.ctx, p.T, "the page", chromedp.Text("#page"))
		p.Errorf("not: %s\n%s", js, text)
	}
}

const sameDocument = "document.documentElement.dataset.same === 'yes'"

// quiet checks that the console has said nothing, but what a browser says by itself of
// answers that the test asked for.
func (p *tab) quiet(expected ...string) {
	p.Helper()
	for _, message := range p.complaints() {
		if !slices.ContainsFunc(expected, func(e string) bool { return strings.Contains(message, e) }) {
			p.Errorf("the console says: %s", message)
		}
	}
}

func TestPartialReloadsInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.until("props.computed === 1 && props.always === 1 && props.plans === 1 && !('optional' in props) && props.user === 'Ada'")

	p.run("router.reload({ only: ['optional'] })")
	p.until("props.optional === 1 && props.always === 2 && props.computed === 1")
	p.run("router.reload({ only: ['nested.a'] })")
	p.until("props.nested.a === 2 && props.nested.b === 1 && props.plain === 'p'")
	p.run("router.reload({ except: ['computed', 'nested', 'optional'] })")
	p.until("props.always === 4 && props.computed === 1 && props.nested.a === 2")
	for name, want := range map[string]int{"computed": 1, "optional": 1, "nested.a": 2, "nested.b": 1} {
		if got := p.app.counted(name); got != want {
			t.Errorf("%s was computed %d times, want %d", name, got, want)
		}
	}

	p.is(sameDocument)
	p.quiet()
}

func TestMergedPropsInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.run("router.reload({ only: ['log', 'matched', 'news', 'tree'], data: { page: 2 } })")
	ids := func(name, want string) string {
		return fmt.Sprintf("props.%s.map((p) => p.id).join() === '%s'", name, want)
	}
	p.until(ids("log", "1,2,2,3"))
	p.is(ids("matched", "1,2,3"))
	p.is(ids("news", "2,3,1,2"))
	p.is("props.tree.leaves.join() === '1,2' && props.tree.p1 && props.tree.p2")
	p.run("router.reload({ only: ['log'], reset: ['log'], data: { page: 5 } })")
	p.until(ids("log", "5,6"))
	p.quiet()
}

func TestPropsThatAreSentOnceInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.run("router.visit('/props?page=7')")
	p.until("props.computed === 2 && props.plans === 1 && props.log[0].id === 7")
	if n := p.app.counted("plans"); n != 1 {
		t.Errorf("the prop was computed %d times", n)
	}
	p.quiet()
}

func TestDeferredPropsInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/deferred")
	// Each group waits for the other one.
	p.until("document.getElementById('left')?.textContent === 'left met' && document.getElementById('right')?.textContent === 'right met'")
	p.until("document.getElementById('rescued') && page.rescuedProps.join() === 'broken'")
	p.quiet()
}

func TestInfiniteScrollInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/scroll?page=2")
	first := "document.querySelector('.post').textContent"
	count := "document.querySelectorAll('.post').length"
	p.until(count + " >= 10")
	// Again and again: posts that come above move those below.
	const down, up = "window.scrollTo(0, document.body.scrollHeight), ", "window.scrollTo(0, 0), "
	p.until("(" + down + "props.posts.data.some((p) => p.id === 30))")
	p.until("(" + up + first + " === '1' && " + count + " === 30)")
	p.is("props.posts.data.every((p, i) => p.id === i + 1)")
	p.until("(" + down + "document.getElementById('below')?.textContent === 'the end')")
	for _, name := range []string{"posts 1", "posts 2", "posts 3"} {
		if n := p.app.counted(name); n != 1 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
	p.quiet()
}

func TestFormsInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/forms")
	text := func(id, want string) string {
		return fmt.Sprintf("document.getElementById('%s')?.textContent === '%s'", id, want)
	}
	// Live validation, of one field at a time.
	show(p.ctx, t, "an address", chromedp.SendKeys("#email", "taken"))
	show(p.ctx, t, "leaving the field", chromedp.Focus("#name"))
	p.until(text("email-error", "The address is taken."))
	p.is("!document.getElementById('name-error')")
	p.run("document.getElementById('email').select()")
	show(p.ctx, t, "another address", chromedp.SendKeys("#email", "free"))
	show(p.ctx, t, "leaving the field", chromedp.Focus("#name"))
	p.until(text("email-valid", "fine"))

	show(p.ctx, t, "sending", chromedp.Click("#sign-up"))
	p.until(text("name-error", "The name is missing.") + " && props.errors.name && window.seen.includes('error')")
	p.is("document.getElementById('email').value === 'free' && page.url === '/forms'")
	if n := p.app.counted("signed up"); n != 0 {
		t.Error("the form was taken")
	}

	// The other form of the page has its own errors.
	show(p.ctx, t, "sending the other form", chromedp.Click("#bag-send"))
	p.until(text("bag-error", "The name is missing.") + " && props.errors.bag.name && !props.errors.name")

	// Redirects keep the flash until there is a page.
	show(p.ctx, t, "a name", chromedp.SendKeys("#name", "Ada"))
	// What the validation shows when the field is left would move the button away from the mouse.
	p.run("document.getElementById('sign-up').click()")
	p.until("page.component === 'Other' && page.flash.message === 'welcome' && Object.keys(props.errors).length === 0")
	show(p.ctx, t, "going on", chromedp.Click("#to-props"))
	p.until("page.component === 'Props' && !page.flash.message")
	if n := p.app.counted("signed up"); n != 1 {
		t.Errorf("the form was taken %d times", n)
	}
	p.is(sameDocument)
	p.quiet("422") // of the live validation
}

func TestAnUploadInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/forms")
	path := filepath.Join(t.TempDir(), "large.bin")
	if err := os.WriteFile(path, make([]byte, 8<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	show(p.ctx, t, "the file", chromedp.SetUploadFiles("#file", []string{path}))
	show(p.ctx, t, "sending", chromedp.Click("#upload"))
	p.until("page.flash.upload === 'a file 8388608' && window.seen.includes('progress')")
	p.quiet()
}

func TestRedirectsInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.run("router.put('/moved')") // answered 302
	p.until("page.component === 'Other' && page.url === '/other'")
	p.run("router.visit('/props')")
	p.until("page.component === 'Props'")
	p.run("router.post('/quiet')") // answered nothing
	p.until("props.computed === 3")
	if n := p.app.counted("POST /quiet"); n != 1 {
		t.Errorf("sent %d times", n)
	}
	p.run("router.post('/fragment')")
	p.until("page.component === 'Other' && location.hash === '#other'")
	p.is(sameDocument)
	p.run("router.post('/external')")
	p.until("document.getElementById('elsewhere')")
	p.quiet("409")
}

func TestBackAndForwardInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	show(p.ctx, t, "some state", chromedp.Click("#local"))
	show(p.ctx, t, "going on", chromedp.Click("#to-other"))
	p.until("page.component === 'Other'")
	p.run("history.back()")
	p.until("page.component === 'Props' && props.computed === 1 && location.pathname === '/props'")
	p.run("history.forward()")
	p.until("page.component === 'Other' && location.pathname === '/other'")
	if n := p.app.counted("/props"); n != 1 {
		t.Errorf("the page was asked for %d times", n)
	}
	p.is(sameDocument)
	p.quiet()
}

func TestTheHistoryIsEncryptedInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/other")
	p.run("router.visit('/secret')")
	p.until("props.secret === '42' && history.state.page instanceof ArrayBuffer")
	p.run("router.visit('/other')")
	p.until("page.component === 'Other' && !(history.state.page instanceof ArrayBuffer)")
	p.run("history.back()")
	p.until("props.secret === '42'")
	if n := p.app.counted("/secret"); n != 1 {
		t.Errorf("the page was asked for %d times", n)
	}
	// After the key is gone the page must be asked for again.
	p.run("router.post('/sign-out')")
	p.until("page.component === 'Other'")
	p.run("history.back()")
	p.until("props.secret === '42'")
	if n := p.app.counted("/secret"); n != 2 {
		t.Errorf("the page was asked for %d times", n)
	}
	p.quiet()
}

func TestPrefetchingInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.run("router.prefetch('/other', { method: 'get' }, { cacheFor: 60000 })")
	p.until("window.seen.includes('prefetched /other')")
	show(p.ctx, t, "the link", chromedp.Click("#to-other"))
	p.until("page.component === 'Other'")
	if n := p.app.counted("/other"); n != 1 {
		t.Errorf("the page was asked for %d times", n)
	}
	p.quiet()
}

func TestGoingOfflineInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.app.offline.Store(true)
	show(p.ctx, t, "the link", chromedp.Click("#to-other"))
	p.until("window.seen.includes('networkError')")
	p.is("page.component === 'Props' && location.pathname === '/props'")
	p.app.offline.Store(false)
	show(p.ctx, t, "the link", chromedp.Click("#to-other"))
	p.until("page.component === 'Other'")
	p.is(sameDocument)
	p.quiet("net::ERR_EMPTY_RESPONSE")
}

func TestAPageThatThrowsInABrowser(t *testing.T) {
	t.Parallel()
	p := openPages(t, "/props")
	p.run("router.visit('/throws?what=oh+no')")
	p.until("document.querySelector('[role=alert] h1')?.textContent === 'This page does not work' && location.pathname === '/throws'")
	p.run("history.back()")
	p.until("page.component === 'Props' && !(" + sameDocument + ")")
	p.quiet("oh no") // what React says of it
}

// A release that others replace while a page of it is open.
func TestADeployInABrowser(t *testing.T) {
	t.Parallel()
	const clicked = "document.getElementById('later')?.textContent === "
	missing := "404" // what a browser says of a part that is gone

	t.Run("a part of the old page", func(t *testing.T) {
		t.Parallel()
		p := openPages(t, "/late")
		p.app.deploy(release(t, "2", true))
		show(p.ctx, t, "the button", chromedp.Click("#show"))
		p.until(clicked + "'release 1'")
		p.is(sameDocument)
		// The next visit loads the new release.
		show(p.ctx, t, "the link", chromedp.Click("#to-other"))
		p.until("document.getElementById('other')?.textContent === 'release 2'")
		p.is("!(" + sameDocument + ")")
		p.quiet("409")
	})
	t.Run("a part that is gone", func(t *testing.T) {
		t.Parallel()
		p := openPages(t, "/late")
		p.app.deploy(release(t, "2", false))
		show(p.ctx, t, "the button", chromedp.Click("#show"))
		p.until("!(" + sameDocument + ") && document.getElementById('show')")
		show(p.ctx, t, "the button", chromedp.Click("#show"))
		p.until(clicked + "'release 2'")
		p.quiet(missing, "Failed to fetch dynamically imported module")
	})
	t.Run("in the middle of a visit, before the answer", func(t *testing.T) {
		t.Parallel()
		p := openPages(t, "/props")
		next := release(t, "2", false)
		p.between(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			p.app.deploy(next)
			p.app.current.Load().ServeHTTP(w, r)
		})
		show(p.ctx, t, "the link", chromedp.Click("#to-other"))
		p.until("document.getElementById('other')?.textContent === 'release 2' && location.pathname === '/other'")
		p.quiet("409")
	})
	t.Run("in the middle of a visit, behind the answer", func(t *testing.T) {
		t.Parallel()
		p := openPages(t, "/props")
		next := release(t, "2", true)
		p.between(func(w http.ResponseWriter, r *http.Request, old http.Handler) {
			p.app.deploy(next) // first: the browser asks for the chunk as soon as it can
			old.ServeHTTP(w, r)
		})
		show(p.ctx, t, "the link", chromedp.Click("#to-other"))
		p.until("document.getElementById('other')?.textContent === 'release 1'")
		p.is(sameDocument)
		p.quiet()
	})
	t.Run("in the middle of a visit whose page is gone", func(t *testing.T) {
		t.Parallel()
		p := openPages(t, "/props")
		next := release(t, "2", false)
		p.between(func(w http.ResponseWriter, r *http.Request, old http.Handler) {
			p.app.deploy(next)
			old.ServeHTTP(w, r)
		})
		show(p.ctx, t, "the link", chromedp.Click("#to-other"))
		p.until("document.getElementById('other')?.textContent === 'release 2' && location.pathname === '/other'")
		p.quiet(missing, "Failed to fetch dynamically imported module")
	})
	t.Run("in the middle of a write", func(t *testing.T) {
		t.Parallel()
		p := openPages(t, "/props")
		next := release(t, "2", true)
		p.between(func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			p.app.deploy(next)
			p.app.current.Load().ServeHTTP(w, r)
		})
		p.run("router.post('/signup', { name: 'Ada' })")
		p.until("document.getElementById('other')?.textContent === 'release 2' && page.flash.message === 'welcome'")
		if n := p.app.counted("signed up"); n != 1 {
			t.Errorf("written %d times", n)
		}
		p.quiet("409")
	})
}

// between runs f around the next request for a page.
func (p *tab) between(f func(http.ResponseWriter, *http.Request, http.Handler)) {
	p.app.between.Store(&f)
}
