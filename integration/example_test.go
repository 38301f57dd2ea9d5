package integration_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/kitgo/kit/internal/dbtest"
)

// The tests of the example hold on PostgreSQL, too; on SQLite they run with the others.
func TestTheExampleOnPostgreSQL(t *testing.T) {
	t.Parallel()
	tests := exec.Command("go", "test", "-count=1", "../examples/...")
	tests.Env = append(os.Environ(), "TEST_DATABASE_URL="+dbtest.Postgres(t))
	if out, err := tests.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The example as somebody tries it: made, built, and watching a site that fails, with
// a browser beside it.
func TestTheExampleInABrowser(t *testing.T) {
	t.Parallel()
	kit, dir := kitCommand(t), filepath.Join(t.TempDir(), "watch")
	if err := command(filepath.Dir(dir), kit, "new", "watch", "--example", "uptime", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	sharePackages(t, dir)
	if err := command(dir, kit, "build"); err != nil { // it checks the frontend's types
		t.Fatal(err)
	}
	vars := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
	binary := filepath.Join(dir, "watch")
	server := start(t, binary, vars).untilReady()
	add := exec.Command(binary, "users:add", "ann@example.com")
	add.Env, add.Stdin = environment(vars...), strings.NewReader("correct horse battery\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var broken atomic.Bool
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer site.Close()

	ctx, complaints := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	show(ctx, t, "opening the list", chromedp.Navigate(server.url+"/sites"))
	show(ctx, t, "the address", chromedp.SendKeys("input[name=email]", "ann@example.com"))
	show(ctx, t, "the password", chromedp.SendKeys("input[name=password]", "correct horse battery\r"))
	show(ctx, t, "the name", chromedp.SendKeys("input[name=name]", "Shop"))
	show(ctx, t, "a bad address", chromedp.SendKeys("input[name=url]", "shop\r"))
	untilPage(ctx, t, "what is wrong with the address", "document.querySelector('#url-error') !== null")
	show(ctx, t, "a good address", chromedp.SendKeys("input[name=url]", strings.Repeat("\b", len("shop"))+site.URL+"\r"))
	untilPage(ctx, t, "the new site", shows("Shop is watched from the next minute on.")+" && "+shows("Not asked yet"))

	// The public page follows what another process finds.
	show(ctx, t, "the public page", chromedp.Click("//a[.='Status']"))
	untilPage(ctx, t, "the public page", "location.pathname === '/' && document.querySelector('h1') !== null")
	show(ctx, t, "marking the document", chromedp.Evaluate[bool]("window.sameDocument = true"))
	check := func() {
		if r := run(t, binary, vars, "schedule:test", "sites:check"); r.code != 0 {
			t.Fatalf("%+v", r)
		}
	}
	check()
	untilPage(ctx, t, "the site that is up", shows("Everything is up")+" && "+shows("100 % in 24 hours"))
	broken.Store(true)
	check()
	check()
	untilPage(ctx, t, "the site that is down", shows("Shop is down")+" && window.sameDocument === true")
	broken.Store(false)
	check()
	untilPage(ctx, t, "the end of it", shows("Everything is up")+" && "+shows("Shop was down for 1 min"))
	if list := complaints(); len(list) > 0 {
		t.Errorf("the console complains:\n%s", strings.Join(list, "\n"))
	}
}
