package cli

import "github.com/spf13/cobra"

// completes lets a shell complete a flag to one of some values, and not to files.
func completes(c *cobra.Command, flag string, values ...string) {
	if err := c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)); err != nil {
		panic(err) // the command has no such flag: every test of a command would fail
	}
}
