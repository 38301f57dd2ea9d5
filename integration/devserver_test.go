package integration_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// development is `kit serve` in a copy of a new application.
type development struct {
	*process
	dir string
}

// develop starts `kit serve`. The frontend's packages are shared with the other tests.
func develop(t *testing.T, args ...string) *development {
	t.Helper()
	made := newApplication(t)
	dir := filepath.Join(t.TempDir(), "shop")
	if err := command(".", "cp", "-a", made, dir); err != nil {
		t.Fatal(err)
	}
	d := &development{dir: dir}
	d.process = startIn(t, dir, kitCommand(t), nil, append([]string{"serve", "--port", "0"}, args...)...)
	t.Cleanup(func() { // killed, it would leave Vite writing while the folder is removed
		_ = d.cmd.Process.Signal(os.Interrupt)
		select {
		case <-d.ended:
		case <-time.After(time.Minute):
		}
	})
	d.until(4*time.Minute, "being ready", func() bool {
		_, after, ok := strings.Cut(d.stdout.String(), "ready at ")
		d.url, _, _ = strings.Cut(after, " ")
		return ok
	})
	return d
}

// edit replaces a text in a file of the application.
func (d *development) edit(t *testing.T, file, old, text string) {
	t.Helper()
	path := filepath.Join(d.dir, filepath.FromSlash(file))
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	after := strings.Replace(string(before), old, text, 1)
	if after == string(before) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(path, []byte(after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// saveAgain saves a file once more each second, until the test ends: Vite may overlook a
// file that is saved twice within some milliseconds, faster than people do.
func (d *development) saveAgain(t *testing.T, file string) {
	path := filepath.Join(d.dir, filepath.FromSlash(file))
	var saving sync.WaitGroup
	t.Cleanup(saving.Wait)
	saving.Go(func() {
		for {
			select {
			case <-t.Context().Done():
				return
			case <-time.After(time.Second):
			}
			if text, err := os.ReadFile(path); err == nil {
				_ = os.WriteFile(path, text, 0o644)
			}
		}
	})
}

// overlay is the text that the development server shows over a page.
const overlay = `document.querySelector('kit-overlay')?.shadowRoot.querySelector('.screen, .bar')?.textContent ?? ''`

// untilPage waits until an expression is true in the page.
func untilPage(ctx context.Context, t *testing.T, what, expression string) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](expression))
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText + "+overlay))
			t.Fatalf("%s: it takes too long (%v); the page is\n%s", what, err, text)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func shows(text string) string {
	return fmt.Sprintf("document.body.innerText.includes(%q)", text)
}

func overlays(text string) string { return fmt.Sprintf("(%s).includes(%q)", overlay, text) }

// A developer at work, with a browser beside the editor.
func TestDevelopmentInABrowser(t *testing.T) {
	t.Parallel()
	d := develop(t)
	ctx, _ := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}

	// Nothing has migrated: the page says what is wrong, and offers to mend it.
	show(ctx, t, "opening the page", chromedp.Navigate(d.url))
	untilPage(ctx, t, "the pending migration", overlays("A migration is pending: m20260101_000000_create_heartbeats_table"))
	untilPage(ctx, t, "the button", "document.querySelector('kit-overlay').shadowRoot.querySelector('.bar button').click() ?? true")
	untilPage(ctx, t, "the page after migrating", shows("Beat now"))
	untilPage(ctx, t, "the end of the notice", "("+overlay+") === ''")
	show(ctx, t, "marking the document", chromedp.Evaluate[bool]("window.sameDocument = true"))

	// A component is swapped without loading the page anew.
	d.edit(t, "frontend/src/pages/Home.tsx", "Beat now", "Beat at once")
	untilPage(ctx, t, "the edited component", shows("Beat at once")+" && window.sameDocument === true")

	// A Go file: the page asks for its data again, and stays the same document.
	d.edit(t, "controllers/home.go", "AppName:", "AppName: \"The edited \" +")
	untilPage(ctx, t, "the edited controller", shows("The edited")+" && window.sameDocument === true")

	// A mistake is told with its place, and goes when it is mended. The page is served
	// by the program before.
	d.edit(t, "controllers/home.go", "AppName: \"The edited \" +", "AppName: unknown +")
	untilPage(ctx, t, "the mistake", overlays("controllers/home.go:")+" && "+overlays("undefined: unknown"))
	if code, body := d.get("/about"); code != 200 || !strings.Contains(body, `"component":"About"`) {
		t.Errorf("the program before does not answer: %d %s", code, body)
	}
	d.edit(t, "controllers/home.go", "AppName: unknown +", "AppName: \"The mended \" +")
	untilPage(ctx, t, "the mended controller", shows("The mended")+" && ("+overlay+") === '' && window.sameDocument === true")

	// A program that does not start.
	d.edit(t, "main.go", "func newApp(", "func init() { panic(\"not today\") }\n\nfunc newApp(")
	untilPage(ctx, t, "the panic", overlays("The application does not start")+" && "+overlays("not today"))
	d.edit(t, "main.go", "func init() { panic(\"not today\") }\n\n", "")
	untilPage(ctx, t, "the end of the panic", "("+overlay+") === ''")

	// A component with a mistake is Vite's to tell.
	d.edit(t, "frontend/src/pages/Home.tsx", "Beat at once", "Beat at once</b>")
	untilPage(ctx, t, "Vite's overlay", "document.querySelector('vite-error-overlay') !== null")
	d.edit(t, "frontend/src/pages/Home.tsx", "Beat at once</b>", "Beat again")
	d.saveAgain(t, "frontend/src/pages/Home.tsx")
	untilPage(ctx, t, "the mended component", shows("Beat again")+" && document.querySelector('vite-error-overlay') === null")

	// So is a style.
	d.edit(t, "frontend/src/app.css", "html {", "html {\n    outline: 3px solid rgb(1, 2, 3);")
	untilPage(ctx, t, "the edited style", "getComputedStyle(document.documentElement).outlineColor === 'rgb(1, 2, 3)' && window.sameDocument === true")

	d.interrupt(t)
}
