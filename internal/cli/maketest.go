package cli

import (
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/spf13/cobra"
)

func makeTestCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:test NAME",
		Short: "Write a test that asks the application over HTTP",
		Long: `Write a test that starts the application on a database of its own and asks for a page,
for you to go on with. Nothing that exists is overwritten without --force.`,
		Example: "  kit make:test Checkout",
		Args:    oneName("make:test", "Checkout"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "a test", "Checkout")
			if err != nil {
				return err
			}
			if n := len(words); n > 1 && words[n-1] == "test" {
				words = words[:n-1]
			}
			return g.run(func(pl *plan) error { return pl.test(words) })
		},
	}
	g.flags(c, true)
	return c
}

// test plans a test of the whole application.
func (pl *plan) test(words []string) error {
	if _, err := gocode.FindLiteral(pl.p.dir, appType()); err != nil {
		if syntaxOf(err) != nil {
			return err
		}
		return &console.Error{
			Message: "there is no application to test here: no kit.App{…}; nothing was written",
			Advice:  "it looks like this: func newApp(ctx context.Context, cfg Config) (*kit.App, error) { … }", Err: err,
		}
	}
	file := strings.Join(words, "_")
	// The systems of Go count before "_test", too.
	if gocode.LeavesOut(file) {
		file += "_pages"
	}
	text := strings.NewReplacer("TYPE", pascalCase(words)).Replace(testText)
	return pl.add(pl.p.path(file+"_test.go"), []byte(text))
}

const testText = `package main

import (
	"net/http"
	"testing"

	"github.com/kitgo/kit/kittest"
)

func TestTYPE(t *testing.T) {
	t.Parallel()
	app, err := newApp(t.Context(), Config{Config: kittest.Config(t)})
	if err != nil {
		t.Fatal(err)
	}
	client := kittest.New(t, app)

	if answer := client.Get("/"); answer.Code != http.StatusOK {
		t.Errorf("GET / = %d, want 200", answer.Code)
	}
}
`
