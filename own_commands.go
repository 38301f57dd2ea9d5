package kit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/nearest"
	"github.com/spf13/cobra"
)

// ownGroup is the heading of the application's commands that name none.
const ownGroup = "Application"

// addOwn adds the application's own commands to root when args may mean one of them, or
// all of them are to be listed: Kit's need no application for that. What it returns closes
// the application.
func (p *program) addOwn(ctx context.Context, root *cobra.Command, args []string) (end func() error, err error) {
	end = func() error { return nil }
	found, rest, unknown := root.Find(args)
	if unknown == nil && (found != root || !slices.Contains(rest, "--help") && !slices.Contains(rest, "-h")) {
		return end, nil
	}
	app, err := p.app(ctx)
	if app != nil && app.DB != nil {
		end = app.DB.Close
	}
	if err != nil {
		word := firstWord(args)
		if unknown == nil || isBuiltIn(word) || nearest.Name(word, names(root)) != "" {
			err = nil // this needs no application, or is a mistyped word of Kit's
		}
		return end, err
	}
	for _, c := range app.Commands {
		group(root, c)
		root.AddCommand(c)
		explainSignals(c)
	}
	return end, nil
}

// firstWord returns the first argument that is no flag.
func firstWord(args []string) string {
	for _, a := range args {
		if !strings.HasPrefix(a, "-") {
			return a
		}
	}
	return ""
}

// isBuiltIn reports whether a word is one of those that cobra adds.
func isBuiltIn(word string) bool {
	return word == "help" || word == "completion" || strings.HasPrefix(word, "__complete")
}

// names returns the words for the commands of root.
func names(root *cobra.Command) []string {
	var list []string
	for _, c := range root.Commands() {
		list = append(append(list, c.Name()), c.Aliases...)
	}
	return list
}

// group puts a command under the heading that its GroupID is: one of Kit's, or a new one.
func group(root, c *cobra.Command) {
	title := ownGroup
	if c.GroupID != "" {
		title = c.GroupID
	}
	c.GroupID = strings.ToLower(title)
	if !root.ContainsGroup(c.GroupID) {
		root.AddGroup(&cobra.Group{ID: c.GroupID, Title: title + ":"})
	}
}

// explainSignals makes a command that a signal has ended say so.
func explainSignals(c *cobra.Command) {
	if run := c.RunE; run != nil {
		c.RunE = func(c *cobra.Command, args []string) error { return stopped(c.Context(), run(c, args)) }
	}
	for _, sub := range c.Commands() {
		explainSignals(sub)
	}
}

// stopped explains the error of a command whose context a signal has ended.
func stopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return &console.Error{Message: "stopped by a signal before it was done (" + err.Error() + ")", Err: err}
	}
	return err
}

// checkOwn returns the mistakes in the application's own commands.
func (p *program) checkOwn(app *App) error {
	taken := append(names(p.command()), "help", "completion")
	var errs []error
	mistake := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("kit.App.Commands: "+format, args...))
	}
	for i, c := range app.Commands {
		if c == nil {
			mistake("number %d is nil", i+1)
			continue
		}
		if name := c.Name(); name == "" || strings.HasPrefix(name, "-") {
			mistake("%q cannot be the name of a command", name)
		}
		for _, name := range append([]string{c.Name()}, c.Aliases...) {
			if slices.Contains(taken, name) {
				mistake("there is a command %q already", name)
			}
			taken = append(taken, name)
		}
		if !c.Runnable() && !c.HasSubCommands() {
			mistake("the command %q has no RunE", c.Name())
		}
	}
	return errors.Join(errs...)
}

// hasOwn reports whether one of the application's own commands has a name.
func (a *App) hasOwn(name string) bool {
	return slices.ContainsFunc(a.Commands, func(c *cobra.Command) bool { return c != nil && (c.Name() == name || c.HasAlias(name)) })
}
