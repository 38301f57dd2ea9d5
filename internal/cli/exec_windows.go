package cli

import (
	"errors"
	"os"
	"os/exec"
)

// execute runs binary and ends this process with its exit code. Ctrl-C reaches
// both, because they share the console.
func execute(binary string, args []string) error {
	c := exec.Command(binary, args[1:]...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := c.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	}
	return err
}
