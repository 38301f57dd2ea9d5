package integration_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/kitgo/kit/internal/dbtest"
)

// generators are commands that write into an application. Those of a list need the one
// before them.
var generators = [][]string{
	{"make:crud authors name:string:100 email:string:unique --skip-types", "make:crud posts title:string:200:unique body:text kind:enum:draft,published featured:bool publish_on:date:nullable price:decimal:8,2:nullable author:references --skip-types", "make:factory Author", "make:factory Post"},
	{"make:model Photo path:string:unique taken:date:nullable --migration --factory --controller", "make:migration add_width_to_photos width:integer:nullable"},
	{"make:crud people name:string deleted_at:datetime:nullable --skip-types", "make:crud feet size:integer person:references --skip-types", "make:crud OS name:string released:date --skip-types"},
	{"make:migration create_audits_table actor:string action:string", "make:model Audit actor:string action:string"},
	{"make:controller Reports", "make:middleware EnsureSubscribed"},
	{"make:controller line_items --resource"},
	{"make:inertia Settings/Profile --skip-types"},
	{"make:task SendDigest"},
	{"make:command users:prune"},
	{"make:seeder Countries"},
	{"make:test Checkout"},
	{"make:action PlaceOrder"},
	{"make:error OutOfStock --status 409"},
}

// inOrder returns the commands in an order in which they can run: as they are listed for
// 0, the lists from the last one on for 1, and else a random order.
func inOrder(n uint64) []string {
	lists := slices.Clone(generators)
	switch n {
	case 0:
	case 1:
		slices.Reverse(lists)
	default:
		random := rand.New(rand.NewPCG(n, n)) //nolint:gosec // the same order each time
		var order []string
		for rest := slices.Clone(lists); len(rest) > 0; {
			i := random.IntN(len(rest))
			order = append(order, rest[i][0])
			if rest[i] = rest[i][1:]; len(rest[i]) == 0 {
				rest = slices.Delete(rest, i, i+1)
			}
		}
		return order
	}
	return slices.Concat(lists...)
}

// generated is a new application in which all generators have run. Its packages are those
// of newApplication.
func generated(t *testing.T, commands []string) string {
	t.Helper()
	made := newApplication(t)
	dir := filepath.Join(t.TempDir(), "shop")
	if err := command(filepath.Dir(dir), kitCommand(t), "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	if err := command(dir, "cp", "-a", filepath.Join(made, "frontend", "node_modules"), filepath.Join(dir, "frontend")); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands {
		if err := command(dir, kitCommand(t), strings.Fields(c)...); err != nil {
			t.Fatalf("kit %s, of %q: %v", c, commands, err)
		}
	}
	return dir
}

// In whatever order they run, what generators write is formatted, compiles, is vetted and
// type-checked, and passes its tests.
func TestGeneratorsInManyOrders(t *testing.T) {
	t.Parallel()
	for _, n := range []uint64{1, 2} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			dir := generated(t, inOrder(n))
			err := errors.Join(
				command(dir, kitCommand(t), "generate:types"),
				command(dir, kitCommand(t), "check", "--no-database"),
				command(filepath.Join(dir, "frontend"), filepath.Join(".", "node_modules", ".bin", "tsc"), "--noEmit"),
				command(dir, kitCommand(t), "test"),
				command(dir, kitCommand(t), "migrate"),
			)
			if err != nil {
				t.Errorf("after %q: %v", inOrder(n), err)
			}
		})
	}
}

// What make:crud writes is built, started, and clicked through.
func TestACrudInABrowser(t *testing.T) {
	t.Parallel()
	dir := generated(t, inOrder(0))
	if err := command(dir, kitCommand(t), "build"); err != nil {
		t.Fatal(err)
	}
	server := start(t, filepath.Join(dir, "shop"), []string{"DATABASE_URL=" + dbtest.SQLite(t), "APP_ENV=production"}).untilReady()
	send := func(path, body string) {
		t.Helper()
		response, err := http.Post(server.url+path, "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusOK { // after the redirect
			t.Fatalf("POST %s %s = %d", path, body, response.StatusCode)
		}
	}
	send("/authors", `{"name":"Ada","email":"ada@example.com"}`)

	ctx, complaints := browser(t)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	click := func(text string) {
		t.Helper()
		show(ctx, t, "clicking "+text, chromedp.Click(fmt.Sprintf("//main//*[(self::a or self::button) and normalize-space(.)='%s']", text)))
	}
	see := func(text string) {
		t.Helper()
		show(ctx, t, "seeing "+text, chromedp.WaitVisible(fmt.Sprintf("//main//*[not(*) and contains(., '%s')]", text)))
	}
	control := func(label string) string {
		return fmt.Sprintf("//label[normalize-space(.)='%s']/following-sibling::*[1]", label)
	}
	run := func(js string) bool {
		t.Helper()
		return show(ctx, t, js, chromedp.Evaluate[bool]("!!("+js+")"))
	}

	show(ctx, t, "opening the list", chromedp.Navigate(server.url+"/posts"))
	see("There are no posts yet.")
	click("New post")
	show(ctx, t, "waiting for the authors", chromedp.WaitReady("//main//option[text()='Choose…']"))
	click("Save")
	see("The title is required.")
	see("The author is required.")
	if !run("[...document.querySelectorAll('[aria-invalid=true]')].length === 3 && [...document.querySelectorAll('[aria-invalid=true]')].every((e) => document.getElementById(e.getAttribute('aria-describedby')).textContent)") {
		t.Error("the controls do not say what is wrong with them")
	}
	show(ctx, t, "the title", chromedp.SendKeys(control("Title"), "The engine"))
	show(ctx, t, "the body", chromedp.SendKeys(control("Body"), "It weaves algebra."))
	show(ctx, t, "the kind", chromedp.SendKeys(control("Kind"), "Published"))
	show(ctx, t, "the author", chromedp.SendKeys(control("Author"), "Ada"))
	click("Save")
	see("The post was created.")
	see("The engine")

	click("Edit")
	show(ctx, t, "the title", chromedp.SendKeys(control("Title"), " of Babbage"))
	click("Save")
	see("The post was saved.")
	click("The engine of Babbage")
	for _, text := range []string{"It weaves algebra.", "published", "Ada", "No"} {
		see(text)
	}

	run("window.confirm = () => false, true")
	click("Delete")
	see("The engine of Babbage")
	run("window.confirm = (question) => question === 'Delete this post?'")
	click("Delete")
	see("The post was deleted.")
	see("There are no posts yet.")

	for i := range 21 {
		send("/posts", fmt.Sprintf(`{"title":"Post %d","body":"b","kind":"draft","author_id":1}`, i))
	}
	show(ctx, t, "the list again", chromedp.Navigate(server.url+"/posts"))
	click("Next")
	see("21–21 of 21")
	see("Post 0")
	if list := complaints(); len(list) > 0 {
		t.Errorf("the console complains:\n%s", strings.Join(list, "\n"))
	}
}
