package console

import (
	"errors"
	"fmt"

	"github.com/kitgo/kit/internal/nearest"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func unknownCommand(c *cobra.Command, name string) error {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			names = append(names, sub.Name())
			names = append(names, sub.Aliases...)
		}
	}
	advice := fmt.Sprintf("run `%s help` for the commands", c.CommandPath())
	if near := nearest.Name(name, names); near != "" {
		advice = fmt.Sprintf("did you mean `%s %s`?", c.CommandPath(), near)
	}
	return &Error{Code: Usage, Message: fmt.Sprintf("unknown command %q", name), Advice: advice}
}

// flagError turns a mistake in the flags of c into a usage error that names the
// nearest flag.
func flagError(c *cobra.Command, err error) error {
	e := &Error{Code: Usage, Message: err.Error(), Advice: fmt.Sprintf("run `%s --help` for the flags", c.CommandPath()), Err: err}
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		e.Message = fmt.Sprintf("%q is not %s, which --%s takes", invalid.GetValue(), expectation(invalid.GetFlag().Value.Type()), invalid.GetFlag().Name)
		return e
	}
	unknown, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok {
		return e
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		e.Message = fmt.Sprintf("unknown flag -%s", name)
		return e
	}
	e.Message = fmt.Sprintf("unknown flag --%s", name)
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	if near := nearest.Name(name, names); near != "" {
		e.Advice = fmt.Sprintf("did you mean --%s?", near)
	}
	return e
}

// expectation says in words what a flag of a type takes.
func expectation(kind string) string {
	switch kind {
	case "int", "int64", "uint", "uint16":
		return "a whole number"
	case "duration":
		return "a duration such as 30s or 5m"
	case "bool":
		return "true or false"
	}
	return "a " + kind
}
