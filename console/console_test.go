package console_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

func program() *cobra.Command {
	root := &cobra.Command{Use: "app", RunE: func(*cobra.Command, []string) error { return nil }}
	migrate := &cobra.Command{Use: "migrate", Short: "Run pending migrations", RunE: func(c *cobra.Command, _ []string) error {
		fmt.Fprintln(c.OutOrStdout(), "migrated")
		return nil
	}}
	status := &cobra.Command{Use: "migrate:status", Short: "Show migrations", RunE: func(*cobra.Command, []string) error {
		return &console.Error{Code: console.Unavailable, Message: "no database at\nlocalhost", Advice: "start it"}
	}}
	status.Flags().Bool("json", false, "print JSON")
	pending := &cobra.Command{Use: "pending", RunE: func(c *cobra.Command, _ []string) error {
		fmt.Fprintln(c.OutOrStdout(), "{}")
		return console.Answered(&console.Error{Code: 3, Message: "one is pending", Advice: "run it"})
	}}
	pending.Flags().Bool("json", false, "print JSON")
	root.AddCommand(pending)
	broken := &cobra.Command{Use: "broken", RunE: func(*cobra.Command, []string) error {
		return errors.Join(errors.New("first"), errors.New("second"))
	}}
	serve := &cobra.Command{Use: "serve", Short: "Serve", RunE: func(*cobra.Command, []string) error { return nil }}
	serve.Flags().Bool("no-migrate", false, "do not migrate")
	serve.Flags().Int("port", 0, "the port")
	root.AddCommand(migrate, status, broken, serve)
	return root
}

func TestRun(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"no command runs the root":          {nil, 0, "", ""},
		"a command":                         {[]string{"migrate"}, 0, "migrated\n", ""},
		"a mistyped command names another":  {[]string{"migarte"}, 2, "", "error: unknown command \"migarte\"\nhint: did you mean `app migrate`?\n"},
		"a beginning of a command":          {[]string{"migrate:s"}, 2, "", "error: unknown command \"migrate:s\"\nhint: did you mean `app migrate:status`?\n"},
		"nothing is near":                   {[]string{"xyzzy"}, 2, "", "error: unknown command \"xyzzy\"\nhint: run `app help` for the commands\n"},
		"help of an unknown command":        {[]string{"help", "sreve"}, 2, "", "error: unknown command \"sreve\"\nhint: did you mean `app serve`?\n"},
		"a mistyped flag names another":     {[]string{"serve", "--no-migrat"}, 2, "", "error: unknown flag --no-migrat\nhint: did you mean --no-migrate?\n"},
		"an unknown short flag":             {[]string{"serve", "-x"}, 2, "", "error: unknown flag -x\nhint: run `app serve --help` for the flags\n"},
		"an unknown flag of the root":       {[]string{"--bogus"}, 2, "", "error: unknown flag --bogus\nhint: run `app --help` for the flags\n"},
		"an argument too many":              {[]string{"migrate", "now"}, 2, "", "error: app migrate takes no argument, but got \"now\"\nhint: run `app migrate --help`\n"},
		"an error with a code and a hint":   {[]string{"migrate:status"}, 69, "", "error: no database at; localhost\nhint: start it\n"},
		"the same for machines":             {[]string{"migrate:status", "--json"}, 69, "{\n  \"error\": {\n    \"code\": 69,\n    \"message\": \"no database at; localhost\",\n    \"hint\": \"start it\"\n  }\n}\n", "error: no database at; localhost\nhint: start it\n"},
		"an error after the document":       {[]string{"pending", "--json"}, 3, "{}\n", "error: one is pending\nhint: run it\n"},
		"an unknown shell":                  {[]string{"completion", "tcsh"}, 2, "", "error: unknown shell \"tcsh\"\nhint: use bash, fish, powershell or zsh\n"},
		"a mistyped shell":                  {[]string{"completion", "bsah"}, 2, "", "error: unknown shell \"bsah\"\nhint: use bash, fish, powershell or zsh\n"},
		"two shells":                        {[]string{"completion", "bash", "zsh"}, 2, "", "error: app completion bash takes no argument, but got \"zsh\"\nhint: run `app completion bash --help`\n"},
		"joined errors are a line each":     {[]string{"broken"}, 1, "", "error: first\nerror: second\n"},
		"a malformed flag value is a usage": {[]string{"serve", "--port", "x"}, 2, "", "error: \"x\" is not a whole number, which --port takes\nhint: run `app serve --help` for the flags\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errOut bytes.Buffer
			code := console.Run(context.Background(), program(), tt.args, console.IO{In: strings.NewReader(""), Out: &out, Err: &errOut})
			if code != tt.code {
				t.Errorf("exit code %d, want %d", code, tt.code)
			}
			if diff := cmp.Diff(tt.stdout, out.String()); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.stderr, errOut.String()); diff != "" {
				t.Errorf("stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestHelpListsCommands(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if code := console.Run(t.Context(), program(), []string{"help"}, console.IO{Out: &out, Err: &out}); code != 0 {
		t.Fatalf("help exits %d", code)
	}
	for _, want := range []string{"migrate:status", "completion", "help"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help does not list %s:\n%s", want, &out)
		}
	}
}
