package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"
)

const cobraModule = "github.com/spf13/cobra"

func makeCommandCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:command NAME",
		Short: "Write a command of the application, its test, and its entry",
		Long: `Write a command of the application's own in commands/, a test of it, and its entry in
kit.App.Commands, so that ./app NAME and kit NAME run it. Nothing that exists is
overwritten without --force.`,
		Example: `  kit make:command users:prune
  kit make:command SendDigest`,
		Args: oneName("make:command", "users:prune"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "a command", "users:prune")
			if err != nil {
				return err
			}
			name := strings.Join(words, "-")
			if strings.Contains(args[0], ":") {
				name = strings.ToLower(args[0])
			}
			return g.run(func(pl *plan) error { return pl.command(name, words) })
		},
	}
	g.flags(c, true)
	return c
}

// oneName refuses anything but one argument.
func oneName(command, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(fmt.Sprintf("kit %s takes one name, but got %d", command, len(args)), "say which, such as: kit "+command+" "+example)
		}
		return nil
	}
}

// command plans a command of the application, its test, and its entry in the list.
func (pl *plan) command(name string, words []string) error {
	if strings.HasPrefix(name, ":") || strings.HasSuffix(name, ":") {
		return usage(fmt.Sprintf("%q cannot be the name of a command", name), "use words with : between them, such as users:prune")
	}
	if kitHas(name) {
		return usage(fmt.Sprintf("there is a command %q already, which is Kit's; nothing was written", name), "choose another name")
	}
	if err := pl.sources("commands", words, commandText, commandTestText, "COMMAND", name); err != nil {
		return err
	}
	pascal, address := pascalCase(words), pl.p.mod.Module.Mod.Path+"/commands"
	element := func(pkg string) string { return pkg + "." + pascal + "{}.Command()" }
	list, err := gocode.FindLiteral(pl.p.dir, appType())
	if err == nil && list.Uses(address, pascal) {
		return nil
	}
	if err == nil {
		err = list.AppendToField(appType(), "Commands", gocode.Type{Path: cobraModule, Name: "Command", Pointer: true}, address, element)
	}
	if errors.Is(err, gocode.ErrNoList) {
		pl.note("the command has no entry: there is no kit.App{…} here whose Commands are a list", "add "+element("commands")+" to kit.App.Commands")
		return nil
	}
	if err == nil {
		err = pl.change(list)
	}
	if err == nil {
		err = pl.direct(cobraModule)
	}
	return err
}

// kitHas reports whether kit has a command of a name, or knows it as an application's.
func kitHas(name string) bool {
	for _, c := range command(console.IO{}).Commands() {
		if c.Name() == name || c.HasAlias(name) {
			return true
		}
	}
	return name == "help" || name == "completion"
}

// sources plans a file in a folder and its test. pairs are further words of the texts and
// what stands for them.
func (pl *plan) sources(folder string, words []string, text, test string, pairs ...string) error {
	file := strings.Join(words, "_")
	if gocode.LeavesOut(file) {
		file += "_" + strings.TrimSuffix(folder, "s")
	}
	pascal := pascalCase(words)
	pairs = append([]string{"MODULE", pl.p.mod.Module.Mod.Path, "TYPE", pascal, "RECEIVER", strings.ToLower(pascal[:1])}, pairs...)
	fill := strings.NewReplacer(pairs...)
	err := pl.add(pl.p.path(folder, file+".go"), []byte(fill.Replace(text)))
	if err == nil {
		err = pl.add(pl.p.path(folder, file+"_test.go"), []byte(fill.Replace(test)))
	}
	return err
}

// direct plans that go.mod names a module as one that the application itself imports.
func (pl *plan) direct(module string) error {
	for _, r := range pl.p.mod.Require {
		if r.Mod.Path != module || !r.Indirect {
			continue
		}
		old, err := os.ReadFile(pl.p.path("go.mod"))
		if err != nil {
			return fmt.Errorf("read go.mod: %w", err)
		}
		mod, err := modfile.Parse("go.mod", old, nil)
		if err != nil {
			return fmt.Errorf("read go.mod: %w", err)
		}
		var list []*modfile.Require
		for _, r := range mod.Require {
			list = append(list, &modfile.Require{Mod: r.Mod, Indirect: r.Indirect && r.Mod.Path != module})
		}
		mod.SetRequireSeparateIndirect(list)
		mod.Cleanup()
		text, err := mod.Format()
		if err != nil {
			return fmt.Errorf("change go.mod: %w", err)
		}
		pl.files = append(pl.files, planned{pl.p.path("go.mod"), old, text})
	}
	return nil
}

const commandText = `package commands

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// TYPE is the command COMMAND. What it works with, such as a database, are its
// fields.
type TYPE struct{}

// Command says how it is called: its name, arguments, flags and help.
func (RECEIVER TYPE) Command() *cobra.Command {
	return &cobra.Command{
		Use:   "COMMAND",
		Short: "Say what COMMAND does",
		RunE: func(c *cobra.Command, _ []string) error {
			return RECEIVER.Run(c.Context(), c.OutOrStdout())
		},
	}
}

// Run does it, and prints the result to out; it should stop when ctx ends.
func (RECEIVER TYPE) Run(_ context.Context, out io.Writer) error {
	_, err := fmt.Fprintln(out, "COMMAND has nothing to do yet")
	return err
}
`

const commandTestText = `package commands_test

import (
	"bytes"
	"testing"

	"MODULE/commands"
)

func TestTYPE(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	command := commands.TYPE{}.Command()
	command.SetOut(&out)
	command.SetArgs([]string{})
	if err := command.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out.Len() == 0 {
		t.Error("it printed nothing")
	}
}
`
