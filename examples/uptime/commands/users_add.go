// Package commands holds the application's own commands.
package commands

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/kitgo/kit/examples/uptime/models"
)

// UsersAdd is the command users:add: nobody can make an account for themselves.
type UsersAdd struct{ Users *models.Users }

const minimum = 12 // characters of a password

// Command says how it is called.
func (u UsersAdd) Command() *cobra.Command {
	return &cobra.Command{
		Use:     "users:add EMAIL",
		Short:   "Add an account; the password is read from the terminal, or stdin",
		Example: "  users:add ann@example.com",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !strings.Contains(args[0], "@") {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("%q is no e-mail address", args[0])}
			}
			password, err := readPassword(c.InOrStdin(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			if utf8.RuneCountInString(password) < minimum {
				return &console.Error{Message: fmt.Sprintf("the password is too short: it needs %d characters", minimum)}
			}
			err = u.Users.Add(c.Context(), args[0], password)
			if _, taken := errors.AsType[*database.UniqueError](err); taken {
				return &console.Error{Message: "there is an account of " + args[0] + " already"}
			}
			if err == nil {
				fmt.Fprintln(c.OutOrStdout(), "added", args[0])
			}
			return err
		},
	}
}

// readPassword reads a line, which a terminal does not show.
func readPassword(in io.Reader, prompt io.Writer) (string, error) {
	if file, ok := in.(*os.File); ok && console.IsTerminal(in) {
		fmt.Fprint(prompt, "Password: ")
		password, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(prompt)
		return string(password), err
	}
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}
