package cli

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

func makeActionCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:action NAME",
		Short: "Write a piece of work that controllers, tasks and commands share",
		Long: `Write an action in actions/: a struct whose fields are what it works with, with one
method that does the work, and a test of it. Nothing that exists is overwritten
without --force.`,
		Example: "  kit make:action PlaceOrder",
		Args:    oneName("make:action", "PlaceOrder"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "an action", "PlaceOrder")
			if err != nil {
				return err
			}
			return g.run(func(pl *plan) error {
				return pl.sources("actions", words, actionText, actionTestText, "WORDS", strings.Join(words, " "))
			})
		},
	}
	g.flags(c, true)
	return c
}

func makeErrorCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	var status int
	c := &cobra.Command{
		Use:   "make:error NAME",
		Short: "Write an error with the answer that it is to a request",
		Long: `Write an error in problems/: a type with the status and the message that a client
gets when a handler returns it, and a test of it. Its cause goes to the log alone.
Nothing that exists is overwritten without --force.`,
		Example: `  kit make:error OutOfStock
  kit make:error account_closed --status 403`,
		Args: oneName("make:error", "OutOfStock"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "an error", "OutOfStock")
			if err != nil {
				return err
			}
			if status < 400 || status > 599 || http.StatusText(status) == "" {
				return usage(fmt.Sprintf("%d is not the status of an error", status), "use one from 400 to 599, such as 404 or 409")
			}
			message := strings.Join(words, " ")
			return g.run(func(pl *plan) error {
				return pl.sources("problems", words, errorText, errorTestText,
					"STATUS", statusName(status), "MESSAGE", strings.ToUpper(message[:1])+message[1:])
			})
		},
	}
	g.flags(c, true)
	c.Flags().IntVar(&status, "status", http.StatusConflict, "the HTTP status of the answer")
	return c
}

// statusName returns the constant of net/http for a status.
func statusName(status int) string {
	switch status { // whose names are not their texts
	case http.StatusTeapot:
		return "http.StatusTeapot"
	case http.StatusProxyAuthRequired:
		return "http.StatusProxyAuthRequired"
	}
	return "http.Status" + strings.ReplaceAll(http.StatusText(status), " ", "")
}

const actionText = `package actions

import "context"

// TYPE is a piece of work that controllers, tasks and commands share: WORDS.
// What it works with, such as a database, are its fields.
type TYPE struct{}

// Run does it; it should stop when ctx ends.
func (RECEIVER TYPE) Run(ctx context.Context) error {
	return ctx.Err()
}
`

const actionTestText = `package actions_test

import (
	"testing"

	"MODULE/actions"
)

func TestTYPE(t *testing.T) {
	t.Parallel()
	if err := (actions.TYPE{}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}
`

const errorText = `package problems

import (
	"net/http"

	"github.com/kitgo/kit/web"
)

// TYPE is returned by handlers, and by what they call.
type TYPE struct {
	Err error // the cause: logged, never shown; may be nil
}

// Error is for the log.
func (RECEIVER *TYPE) Error() string { return RECEIVER.Unwrap().Error() }

// Unwrap returns the answer to the client.
func (RECEIVER *TYPE) Unwrap() error {
	return &web.Error{Status: STATUS, Message: "MESSAGE", Err: RECEIVER.Err}
}
`

const errorTestText = `package problems_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/web"

	"MODULE/problems"
)

func TestTYPE(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	web.WriteError(answer, request, &problems.TYPE{Err: errors.New("the cause")})
	if answer.Code != STATUS || strings.Contains(answer.Body.String(), "the cause") {
		t.Errorf("the answer is %d %s", answer.Code, answer.Body)
	}
}
`
