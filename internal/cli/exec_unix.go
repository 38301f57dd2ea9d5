//go:build unix

package cli

import (
	"os"
	"syscall"
)

// execute turns this process into binary: signals, the terminal and the exit code
// are then those of the application.
func execute(binary string, args []string) error {
	return syscall.Exec(binary, args, os.Environ())
}
