package console

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// prepareHelp gives root the command that shows how to use the others.
func prepareHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	c := below(root, "help")
	if c == nil {
		return
	}
	c.Use, c.Short, c.Long = "help [COMMAND]", "Show the commands, or how to use one", ""
	c.Example = fmt.Sprintf("  %[1]s help\n  %[1]s help completion", root.Name())
	c.Args = func(c *cobra.Command, args []string) error {
		if found, rest, _ := root.Find(args); len(args) > 0 && (found == root || len(rest) > 0) {
			return unknownCommand(root, args[0])
		}
		return nil
	}
}

// loading shows, by the shell, how its script is used at once.
var loading = map[string]string{
	"bash":       "source <(%s completion bash)",
	"zsh":        "source <(%s completion zsh)",
	"fish":       "%s completion fish | source",
	"powershell": "%s completion powershell | Out-String | Invoke-Expression",
}

// prepareCompletion gives root the command that prints scripts for shells. Cobra's own
// answers an unknown shell with its help, as if nothing were wrong.
func prepareCompletion(root *cobra.Command, args []string) {
	root.InitDefaultCompletionCmd(args...)
	c := below(root, "completion")
	if c == nil {
		return
	}
	var shells, examples []string
	for _, shell := range c.Commands() {
		example := "  " + fmt.Sprintf(loading[shell.Name()], root.Name())
		shell.Example, shell.Args = example, noArguments
		shells, examples = append(shells, shell.Name()), append(examples, example)
	}
	c.Use, c.Short = "completion SHELL", "Print the script that completes commands and flags in a shell"
	c.Long = "Print the script that completes commands and flags in a shell: " + list(shells) + ".\nThe help of each says where the script goes, so that every new shell has it."
	c.Example = strings.Join(append(examples, fmt.Sprintf("  %s completion bash --help", root.Name())), "\n")
	c.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return &Error{Code: Usage, Message: fmt.Sprintf("unknown shell %q", args[0]), Advice: "use " + list(shells)}
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

// below returns the command of root with a name; nil if there is none.
func below(root *cobra.Command, name string) *cobra.Command {
	for _, c := range root.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// list returns "a, b or c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
