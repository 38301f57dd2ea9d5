package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func manCommand(stdio console.IO) *cobra.Command {
	return &cobra.Command{
		Use:   "man",
		Short: "Print the manual page of this command",
		Long: `Print the manual page of this command, with all its commands and flags, for man.
Whoever packages kit writes it to share/man/man1/kit.1.`,
		Example: `  kit man | man -l -
  kit man > /usr/local/share/man/man1/kit.1`,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := io.WriteString(stdio.Out, manual(c.Root()))
			return err
		},
	}
}

// manual returns the page of a command in the macros of man(7).
func manual(root *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH KIT 1 \"\" \"Kit for Go\" \"Kit for Go\"\n.SH NAME\nkit \\- %s\n", roff(root.Short))
	b.WriteString(".SH SYNOPSIS\n.B kit\n.I COMMAND\n[\\fIFLAGS\\fR] [\\fIARGUMENTS\\fR]\n.SH DESCRIPTION\n")
	fmt.Fprintf(&b, "%s\n.SH EXAMPLES\n%s", roff(strings.TrimPrefix(root.Long, root.Short+".\n\n")), verbatim(root.Example))
	b.WriteString(".SH COMMANDS\n")
	for _, c := range root.Commands() {
		if c.GroupID != "app" && c.IsAvailableCommand() {
			manualOf(&b, c)
		}
	}
	b.WriteString(".SH COMMANDS OF THE APPLICATION\nThese run from the source, in an application's directory, with the application's own flags.\n")
	for _, c := range root.Commands() {
		if c.GroupID == "app" {
			fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff("kit "+c.Use), roff(c.Short))
		}
	}
	b.WriteString(".SH EXIT STATUS\n")
	for _, code := range []struct {
		code int
		text string
	}{
		{console.OK, "done"}, {console.Failed, "the work failed"}, {console.Usage, "unknown command or flag, wrong arguments"},
		{console.Unavailable, "something that is needed cannot be reached"}, {console.TryAgain, "a lock was not free in time"}, {console.BadConfig, "a missing or malformed setting"},
	} {
		fmt.Fprintf(&b, ".TP\n.B %d\n%s\n", code.code, code.text)
	}
	return b.String()
}

func manualOf(b *strings.Builder, c *cobra.Command) {
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintf(b, ".SS %s\n%s\n", roff("kit "+c.Use), roff(text))
	if c.Example != "" {
		fmt.Fprintf(b, ".PP\n%s", verbatim(c.Example))
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		kind, usage := pflag.UnquoteUsage(f)
		fmt.Fprintf(b, ".TP\n")
		if f.Shorthand != "" {
			fmt.Fprintf(b, "\\fB%s\\fR, ", roff("-"+f.Shorthand))
		}
		fmt.Fprintf(b, "\\fB%s\\fR", roff("--"+f.Name))
		if kind != "" {
			fmt.Fprintf(b, " \\fI%s\\fR", roff(strings.ToUpper(kind)))
		}
		fmt.Fprintf(b, "\n%s\n", roff(usage))
	})
}

// verbatim keeps the lines of a text.
func verbatim(text string) string { return ".nf\n" + roff(text) + "\n.fi\n" }

// roff escapes a text: a line that begins with a dot or a quote would be a macro, and an
// empty one begins a paragraph, as in Go.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		switch {
		case line == "":
			lines[i] = ".PP"
		case strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'"):
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
