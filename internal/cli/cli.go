// Package cli is the kit command: it makes, builds and packs applications, and
// runs the commands of an application from its source.
//
//	os.Exit(cli.Main(os.Args[1:], console.Stdio()))
//
// Each command has a file of its own. The package never imports package kit, so that
// it works on applications of any version.
package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

// Main runs the command that args name and returns the exit code. SIGINT and
// SIGTERM end what is under way, and leave nothing half-made.
func Main(args []string, stdio console.IO) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal a second one ends the process at once.
	context.AfterFunc(ctx, stop)
	return Run(ctx, args, stdio)
}

// Run is Main without the signals of the process.
func Run(ctx context.Context, args []string, stdio console.IO) int {
	root := command(stdio)
	if isOwnCommand(root, args) {
		return console.Fail(runApp(ctx, stdio, args), args, stdio)
	}
	return console.Run(ctx, root, args, stdio)
}

// command returns the tree of commands.
func command(stdio console.IO) *cobra.Command {
	root := &cobra.Command{
		Use:   "kit",
		Short: "Make, build and pack Kit applications",
		Long: `Make, build and pack Kit applications.

An application is one binary with the web server, the frontend, the migrations
and the scheduler in it. Its commands also work as "kit COMMAND" in its
directory: they run from the source.`,
		Example: `  kit new shop
  cd shop
  kit serve --migrate
  kit build && ./shop`,
	}
	version := root.Flags().Bool("version", false, "show the version of this command, as kit version does")
	root.RunE = func(c *cobra.Command, _ []string) error {
		if *version {
			return printVersion(stdio.Out)
		}
		return c.Help()
	}
	root.AddGroup(
		&cobra.Group{ID: "kit", Title: "Commands:"},
		&cobra.Group{ID: "app", Title: "Commands of the application, run from its source:"},
	)
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("kit",
		newCommand(stdio),
		serveCommand(stdio),
		buildCommand(stdio),
		generateTypesCommand(stdio),
		testCommand(stdio),
		checkCommand(stdio),
		doctorCommand(stdio),
		dockerInitCommand(stdio),
		dockerComposeCommand(stdio),
		deployInitCommand(stdio),
		deployCommand(stdio),
		versionCommand(stdio),
		manCommand(stdio),
		dbSyncCommand(stdio),
		makeControllerCommand(stdio),
		makeCrudCommand(stdio),
		makeMiddlewareCommand(stdio),
		makeMigrationCommand(stdio),
		makeModelCommand(stdio),
		makeFactoryCommand(stdio),
		makeSeederCommand(stdio),
		makeTaskCommand(stdio),
		makeInertiaCommand(stdio),
		makeCommandCommand(stdio),
		makeTestCommand(stdio),
		makeActionCommand(stdio),
		makeErrorCommand(stdio),
	)
	add("app", appCommands(stdio)...)
	root.SetHelpCommandGroupID("kit")
	root.SetCompletionCommandGroupID("kit")
	return root
}
