// Package console runs command-line programs: it parses, answers mistakes with
// the nearest command or flag, prints errors for people and for machines, and
// turns every outcome into an exit code.
//
// Commands are those of [cobra]; this package decides what surrounds them, so
// that an application's binary and the kit command behave the same:
//
//	root := &cobra.Command{Use: "app", RunE: serve}
//	root.AddCommand(&cobra.Command{Use: "migrate", RunE: migrate})
//	os.Exit(console.Run(ctx, root, os.Args[1:], console.Stdio()))
//
// A command returns an error; the error decides the exit code with a method
// ExitCode() int and may give advice with a method Hint() string. Results go to
// stdout, errors to stderr. A command with a --json flag prints its error as a
// JSON document on stdout, too.
//
// [cobra]: https://pkg.go.dev/github.com/spf13/cobra
package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// IO is where a program reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// Stdio is the standard input, output and error of the process.
func Stdio() IO { return IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr} }

// Run executes the command of root that args name, prints its error, if any,
// and returns the exit code. It takes over error printing and usage mistakes of
// root and its commands.
func Run(ctx context.Context, root *cobra.Command, args []string, stdio IO) int {
	root.SetArgs(args)
	root.SetIn(stdio.In)
	root.SetOut(stdio.Out) // before the command of completion, which keeps it
	root.SetErr(stdio.Err)
	prepare(root, args)
	return Fail(root.ExecuteContext(ctx), args, stdio)
}

// Fail prints the error of a command with these arguments, and returns its exit code; nil
// is no error. [Run] does it by itself.
func Fail(err error, args []string, stdio IO) int {
	if err == nil {
		return OK
	}
	code := ExitCode(err)
	if code == OK {
		return OK
	}
	if _, ok := errors.AsType[answered](err); !ok && slices.Contains(args, "--json") {
		printJSON(stdio.Out, code, err)
	}
	PrintError(stdio.Err, err)
	return code
}

// prepare gives root and all commands below it the error handling of this
// package.
func prepare(root *cobra.Command, args []string) {
	root.SilenceErrors = true
	root.SilenceUsage = true
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		if c.Args == nil {
			c.Args = noArguments
		}
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
	prepareHelp(root)
	prepareCompletion(root, args)
}

// noArguments refuses arguments: for a command with commands below it, they are
// mistyped commands.
func noArguments(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if c.HasSubCommands() {
		return unknownCommand(c, args[0])
	}
	return &Error{
		Code:    Usage,
		Message: fmt.Sprintf("%s takes no argument, but got %q", c.CommandPath(), args[0]),
		Advice:  fmt.Sprintf("run `%s --help`", c.CommandPath()),
	}
}

// IsTerminal reports whether f, an io.Reader or io.Writer, is a terminal.
func IsTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Width returns how many characters a line of f has when it is a terminal, and 0 when it
// is none.
func Width(f any) int {
	file, ok := f.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// Colors reports whether output to w should be coloured: w is a terminal or
// CLICOLOR_FORCE (https://bixense.com/clicolors) is 1, and NO_COLOR
// (https://no-color.org) is not set.
func Colors(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && (IsTerminal(w) || os.Getenv("CLICOLOR_FORCE") == "1")
}

// JSON prints v as one indented JSON document.
func JSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

func printJSON(w io.Writer, code int, err error) {
	type body struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
	}
	_ = JSON(w, map[string]body{"error": {code, Message(err), Hint(err)}})
}

// Message returns what err says in one line; joined errors are parted by semicolons.
func Message(err error) string {
	messages := make([]string, 0, 1)
	for _, e := range flatten(err) {
		messages = append(messages, oneLine(e.Error()))
	}
	return strings.Join(messages, "; ")
}
