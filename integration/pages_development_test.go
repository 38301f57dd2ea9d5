package integration_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

// What is wrong with a page while it is being written is on the page.
func TestMistakesOfPagesInDevelopmentInABrowser(t *testing.T) {
	t.Parallel()
	d := develop(t)
	ctx, _ := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	show(ctx, t, "opening the page", chromedp.Navigate(d.url))
	untilPage(ctx, t, "the button", "document.querySelector('kit-overlay').shadowRoot.querySelector('.bar button').click() ?? true")
	untilPage(ctx, t, "the page after migrating", shows("Beat now"))
	told := func(text string) string {
		return "(document.querySelector('vite-error-overlay')?.shadowRoot.textContent ?? '').includes('" + text + "')"
	}

	d.edit(t, "frontend/src/pages/About.tsx", "  return (", "  if (places.length > 0) throw new Error('the component throws')\n  return (")
	show(ctx, t, "a component that throws", chromedp.Navigate(d.url+"/about"))
	untilPage(ctx, t, "its error", told("the component throws"))
	d.edit(t, "frontend/src/pages/About.tsx", "  if (places.length > 0) throw new Error('the component throws')\n", "")
	d.saveAgain(t, "frontend/src/pages/About.tsx")
	untilPage(ctx, t, "the mended component", shows("About"))

	d.edit(t, "controllers/home.go", `"About", nil`, `"Nowhere", nil`)
	untilPage(ctx, t, "a page without a component", told("Nowhere"))
}

// What a page does with its props is checked against what the Go code sends.
func TestPropsThatAPageDoesNotGetInABrowser(t *testing.T) {
	t.Parallel()
	d := develop(t)
	d.edit(t, "controllers/home.go", `json:"heartbeats"`, `json:"beats"`)
	d.until(3*time.Minute, "what the compiler says", func() bool {
		return strings.Contains(d.stdout.String(), "Property 'heartbeats' does not exist")
	})
	ctx, _ := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	show(ctx, t, "opening the page", chromedp.Navigate(d.url+"/about"))
	const overlay = "(document.querySelector('vite-error-overlay')?.shadowRoot.textContent ?? '')"
	untilPage(ctx, t, "what is wrong", overlay+`.includes("Property 'heartbeats' does not exist") && `+overlay+".includes('src/pages/Home.tsx')")
	d.edit(t, "controllers/home.go", `json:"beats"`, `json:"heartbeats"`)
	untilPage(ctx, t, "that it is mended", shows("About")+" && document.querySelector('vite-error-overlay') === null")
}

func TestViteIsNotRunningInABrowser(t *testing.T) {
	t.Parallel()
	silent := httptest.NewServer(http.NotFoundHandler())
	silent.Close()
	pages := inertia.New(vite.Development(silent.URL), nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := pages.Render(w, r, "Home", nil); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	ctx, _ := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate(server.URL)); err != nil {
		t.Fatal(err)
	}
	untilPage(ctx, t, "what is wrong", shows("Vite is not running, or does not answer at "+silent.URL+"/")+" && "+shows("kit serve"))
}
