package integration_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/kitgo/kit/internal/dbtest"
)

// browser opens a tab of a private Chromium. complaints ends it and returns what
// its console said that nobody wants to see.
func browser(t *testing.T) (ctx context.Context, complaints func() []string) {
	t.Helper()
	var program string
	for _, name := range []string{
		"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell",
		"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
	} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Fatal("Chromium is missing: run scripts/test-tools, or `apt-get install chromium`")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.WindowSize(1280, 900),
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	tab, stopBrowser := chromedp.NewContext(allocator)
	t.Cleanup(func() { stopBrowser(); stopAllocator() })

	console := chromedp.Console(tab)
	ctx, stop := context.WithTimeout(tab, 5*time.Minute)
	t.Cleanup(stop)
	return ctx, func() []string {
		stopBrowser()
		var list []string
		for message, err := range console {
			if err != nil {
				break
			}
			if message.IsException() || message.Type == "error" || message.Type == "warning" {
				list = append(list, message.String()+" "+message.URL)
			}
		}
		return list
	}
}

// show runs a and fails the test with the page's HTML if it does not succeed.
func show[T any](ctx context.Context, t *testing.T, what string, a chromedp.Action[T]) T {
	t.Helper()
	step, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	v, err := chromedp.Run(step, a)
	if err != nil {
		html, _ := chromedp.Run(ctx, chromedp.OuterHTML("html"))
		t.Fatalf("%s: %v\n%s", what, err, html)
	}
	return v
}

func TestThePageInABrowser(t *testing.T) {
	t.Parallel()
	server := start(t, appBinary(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "APP_ENV=production"}).untilReady()
	ctx, complaints := browser(t)
	// The first run starts the browser; a time-out there would end it.
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}

	show(ctx, t, "opening the page", chromedp.Navigate(server.url))
	show(ctx, t, "the heading", chromedp.WaitVisible("h1"))
	if width := show(ctx, t, "the picture", chromedp.Evaluate[int]("document.querySelector('img').naturalWidth")); width == 0 {
		t.Error("the image of the page was not loaded")
	}
	// A mark that loading a new document would wipe out.
	show(ctx, t, "marking the document", chromedp.Evaluate[bool]("window.sameDocument = true"))
	for _, count := range []string{"1", "2"} {
		show(ctx, t, "the button", chromedp.Click("//button[contains(., 'Beat now')]"))
		show(ctx, t, "the count "+count, chromedp.WaitVisible("//*[@data-testid='heartbeat-count' and normalize-space(.)='"+count+"']"))
	}
	show(ctx, t, "the link", chromedp.Click("//a[@href='/about']"))
	show(ctx, t, "the other page", chromedp.WaitVisible("//h1[contains(., 'About')]"))
	if title := show(ctx, t, "the title", chromedp.Title()); !strings.Contains(title, "About") {
		t.Errorf("the title is %q", title)
	}
	if !show(ctx, t, "the document", chromedp.Evaluate[bool]("window.sameDocument === true && location.pathname === '/about'")) {
		t.Error("the link loaded a new document instead of making an Inertia visit")
	}
	if list := complaints(); len(list) > 0 {
		t.Errorf("the console complains:\n%s", strings.Join(list, "\n"))
	}
}
