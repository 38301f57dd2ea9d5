package cli

import (
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite docs/kit.md")

// docs/kit.md is made of the commands.
func TestTheReferenceIsThatOfTheCommands(t *testing.T) {
	t.Parallel()
	const page = "../../docs/kit.md"
	got := reference(command(console.IO{}))
	if *update {
		if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the commands have changed; `go test ./internal/cli -run TestTheReference -update` writes the page anew (-want +got):\n%s", diff)
	}
}

// Help says how a command is used by showing it, also that of help and of completion, which
// come when one runs.
func TestEveryCommandHasAnExample(t *testing.T) {
	t.Parallel()
	stdio := console.IO{Out: io.Discard, Err: io.Discard}
	root := command(stdio)
	if code := console.Run(t.Context(), root, []string{"help"}, stdio); code != console.OK {
		t.Fatalf("exit code %d", code)
	}
	seen := 0
	var check func(c *cobra.Command)
	check = func(c *cobra.Command) {
		seen++
		if c.Short == "" || c.Long == "" && c.Name() != "version" && c.Name() != "help" || !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s: the help lacks something", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			check(sub)
		}
	}
	check(root)
	if seen < 50 {
		t.Errorf("%d commands", seen)
	}
}

// reference returns the page of all commands.
func reference(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString(`# The kit command

This page is made of the help of the commands: ` + "`go test ./internal/cli -run TestTheReference -update`" + `.

` + root.Long + "\n\n```\n" + unindent(root.Example) + "\n```\n\n")
	var own, app []*cobra.Command
	for _, c := range root.Commands() {
		if c.GroupID == "app" {
			app = append(app, c)
		} else {
			own = append(own, c)
		}
	}
	b.WriteString("| command | |\n|---|---|\n")
	for _, c := range own {
		fmt.Fprintf(&b, "| [`kit %s`](#kit-%s) | %s |\n", c.Name(), strings.ReplaceAll(c.Name(), ":", ""), c.Short)
	}
	for _, c := range own {
		fmt.Fprintf(&b, "\n## kit %s\n%s\n", c.Name(), firstOf(c.Long, c.Short+"."))
		fmt.Fprintf(&b, "\n```\n%s\n```\n", unindent(c.Example))
		flags(&b, c)
	}
	b.WriteString(`
## Commands of the application
These run from the source, in an application's directory, with the application's own flags: ` + "`kit NAME --help`" + `. [Commands](commands.md) describes them. The application's [own commands](commands.md#commands-of-your-own) run the same way.

| command | |
|---|---|
`)
	for _, c := range app {
		fmt.Fprintf(&b, "| `kit %s` | %s |\n", c.Name(), c.Short)
	}
	b.WriteString(`
## Completion and manual page
` + "`kit completion bash|zsh|fish|powershell`" + ` prints a script that completes commands and flags; ` + "`kit completion bash --help`" + ` says where it goes. ` + "`kit man | man -l -`" + ` shows this page in a terminal, and ` + "`kit man > /usr/local/share/man/man1/kit.1`" + ` makes it what ` + "`man kit`" + ` shows.

## Exit codes
Those of [an application](commands.md#exit-codes): 0 done, 1 failed, 2 wrong words or flags, 69 something cannot be reached, 78 a bad setting. Errors are one line, with a line of advice below it.
`)
	return b.String()
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

func unindent(text string) string {
	return strings.TrimPrefix(strings.ReplaceAll(text, "\n  ", "\n"), "  ")
}

// flags writes a table of the flags of a command.
func flags(b *strings.Builder, c *cobra.Command) {
	if !c.Flags().HasAvailableFlags() {
		return
	}
	b.WriteString("\n| flag | |\n|---|---|\n")
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "`--" + f.Name
		kind, text := pflag.UnquoteUsage(f)
		if kind != "" {
			name += " " + strings.ToUpper(kind)
		}
		name += "`"
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		switch f.DefValue {
		case "", "false", "[]", "0":
		default:
			text += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(b, "| %s | %s |\n", name, strings.ReplaceAll(text, "|", `\|`))
	})
}

// What a new application tells people and agents to run and to read, there is.
func TestTheGuideOfANewApplicationIsTrue(t *testing.T) {
	t.Parallel()
	files, err := scaffold.NewApp(scaffold.App{Name: "shop", Module: "shop", Database: scaffold.SQLite, Kit: scaffold.Kit{Version: "v1.0.0"}})
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	for _, f := range files {
		there[f.Path] = string(f.Content)
	}
	names := map[string]bool{"COMMAND": true, "help": true}
	for _, c := range command(console.IO{}).Commands() {
		names[c.Name()] = true
	}
	said := regexp.MustCompile("`kit ([A-Za-z:]+)").FindAllStringSubmatch(there["AGENTS.md"], -1)
	if len(said) < 15 {
		t.Errorf("AGENTS.md names %d commands", len(said))
	}
	for _, m := range said {
		if !names[m[1]] {
			t.Errorf("AGENTS.md: there is no kit %s", m[1])
		}
	}
	links := regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(there["llms.txt"], -1)
	if len(links) < 10 {
		t.Errorf("llms.txt has %d links", len(links))
	}
	for _, m := range links {
		page, ofKit := strings.CutPrefix(m[1], "https://github.com/kitgo/kit/blob/main/")
		if ofKit {
			if _, err := os.Stat("../../" + page); err != nil {
				t.Errorf("llms.txt: %v", err)
			}
		} else if _, ok := there[m[1]]; !ok {
			t.Errorf("llms.txt: a new application has no %s", m[1])
		}
	}
}
