package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/schedule"
	"github.com/spf13/cobra"
)

// runOwn runs the application with commands of its own, on a database in memory unless
// vars have another one.
func runOwn(ctx context.Context, t *testing.T, commands []*cobra.Command, vars map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	if vars == nil {
		vars = map[string]string{"DATABASE_URL": "sqlite://:memory:"}
	}
	newApp := func(ctx context.Context, cfg Config) (*App, error) {
		app, err := hello(ctx, cfg)
		if err == nil {
			app.Commands = commands
		}
		return app, err
	}
	var out, errOut bytes.Buffer
	code = run(ctx, newApp, env.Files(t.TempDir(), vars), append([]string{"app"}, args...), console.IO{In: strings.NewReader(""), Out: &out, Err: &errOut})
	return code, out.String(), errOut.String()
}

func own() []*cobra.Command {
	var limit int
	prune := &cobra.Command{
		Use: "users:prune NAME", Short: "Delete users who never came", Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			fmt.Fprintf(c.OutOrStdout(), "pruning %s, at most %d\n", args[0], limit)
			return nil
		},
	}
	prune.Flags().IntVar(&limit, "limit", 10, "how many at most")
	fail := &cobra.Command{
		Use: "mail:retry", Short: "Send what failed", GroupID: "Mail", Aliases: []string{"mail:again"},
		RunE: func(*cobra.Command, []string) error {
			return &console.Error{Code: console.Unavailable, Message: "no mail server"}
		},
	}
	wait := &cobra.Command{Use: "wait", GroupID: "Server", RunE: func(c *cobra.Command, _ []string) error {
		<-c.Context().Done()
		return c.Context().Err()
	}}
	return []*cobra.Command{prune, fail, wait}
}

func TestOwnCommands(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	broken := map[string]string{"SERVER_PORT": "x"}
	for name, tt := range map[string]struct {
		ctx            context.Context
		vars           map[string]string
		args           string
		code           int
		stdout, stderr string // parts
	}{
		"arguments and flags":             {args: "users:prune old --limit 3", stdout: "pruning old, at most 3\n"},
		"its exit code":                   {args: "mail:again", code: 69, stderr: "error: no mail server\n"},
		"its error as JSON":               {args: "mail:retry --json", code: 2, stdout: `"code": 2`, stderr: "unknown flag --json"},
		"a mistyped one":                  {args: "users:prun old", code: 2, stderr: "did you mean `app users:prune`?"},
		"a mistyped flag":                 {args: "users:prune old --limt 3", code: 2, stderr: "did you mean --limit?"},
		"no argument is taken":            {args: "mail:retry now", code: 2, stderr: `mail:retry takes no argument, but got "now"`},
		"listed":                          {args: "help", stdout: "Application:\n  users:prune "},
		"listed by a flag":                {args: "--help", stdout: "Mail:\n  mail:retry "},
		"listed with Kit's":               {args: "help", stdout: "  wait"},
		"its help":                        {args: "help users:prune", stdout: "--limit int   how many at most"},
		"completed":                       {args: "__complete users:", stdout: "users:prune\tDelete users"},
		"a signal":                        {ctx: ended, args: "wait", code: 1, stderr: "stopped by a signal before it was done"},
		"the settings are bad":            {vars: broken, args: "users:prune old", code: 78, stderr: "SERVER_PORT"},
		"with bad settings there is help": {vars: broken, args: "help", stdout: "migrate:status"},
		"and a mistyped word of Kit's":    {vars: broken, args: "migrat", code: 2, stderr: "did you mean `app migrate`?"},
		"Kit's commands are as ever":      {args: "version", stdout: "app"},
	} {
		ctx := tt.ctx
		if ctx == nil {
			ctx = t.Context()
		}
		code, stdout, stderr := runOwn(ctx, t, own(), tt.vars, strings.Fields(tt.args)...)
		if code != tt.code || !strings.Contains(stdout, tt.stdout) || !strings.Contains(stderr, tt.stderr) {
			t.Errorf("%s: app %s: exit %d\n%s\n%s", name, tt.args, code, stdout, stderr)
		}
	}
}

func TestMistakesInOwnCommands(t *testing.T) {
	does := func(*cobra.Command, []string) error { return errors.New("it ran") }
	for name, tt := range map[string]struct {
		commands []*cobra.Command
		want     string
	}{
		"nil":               {[]*cobra.Command{nil}, "number 1 is nil"},
		"no name":           {[]*cobra.Command{{RunE: does}}, `"" cannot be the name`},
		"a flag":            {[]*cobra.Command{{Use: "--x", RunE: does}}, `"--x" cannot be the name`},
		"Kit's":             {[]*cobra.Command{{Use: "migrate", RunE: does}}, `there is a command "migrate" already`},
		"another word":      {[]*cobra.Command{{Use: "web:run", RunE: does}}, `there is a command "web:run" already`},
		"help":              {[]*cobra.Command{{Use: "help", RunE: does}}, `there is a command "help" already`},
		"twice":             {[]*cobra.Command{{Use: "a", RunE: does}, {Use: "b", Aliases: []string{"a"}, RunE: does}}, `there is a command "a" already`},
		"nothing to be run": {[]*cobra.Command{{Use: "a"}}, `the command "a" has no RunE`},
	} {
		for _, args := range []string{"route:list", "nonsense"} {
			code, _, stderr := runOwn(t.Context(), t, tt.commands, nil, args)
			if code != 1 || !strings.Contains(stderr, tt.want) {
				t.Errorf("%s: app %s: exit %d, %s", name, args, code, stderr)
			}
		}
	}
}

// A task may be one of the application's own commands.
func TestATaskThatIsAnOwnCommand(t *testing.T) {
	for name, want := range map[string]int{"users:prune": 0, "mail:again": 0, "migrate": 0, "users": 1} {
		var errOut bytes.Buffer
		newApp := func(ctx context.Context, cfg Config) (*App, error) {
			app, err := hello(ctx, cfg)
			if err == nil {
				app.Commands = own()
				app.Schedule = func(s *schedule.Schedule) { s.Command(name).Daily() }
			}
			return app, err
		}
		source := env.Files(t.TempDir(), map[string]string{"DATABASE_URL": "sqlite://:memory:"})
		code := run(t.Context(), newApp, source, []string{"app", "route:list"}, console.IO{Out: io.Discard, Err: &errOut})
		if code != want || want == 1 && !strings.Contains(errOut.String(), `there is no command "users"`) {
			t.Errorf("%s: exit %d, %s", name, code, &errOut)
		}
	}
}
