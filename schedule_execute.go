package kit

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/kitgo/kit/schedule"
)

// executeGrace is how long a command may take to end when it is told to.
const executeGrace = 5 * time.Second

// execute runs a command of this binary in a process of its own. When ctx ends the process
// is told to (SIGTERM), and killed after 5 seconds.
func execute(ctx context.Context, command []string) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program's own file: %w", err)
	}
	c := exec.CommandContext(ctx, binary, command...)
	output := schedule.Output(ctx)
	c.Stdout, c.Stderr = output, output
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = executeGrace
	if err := c.Run(); err != nil {
		return fmt.Errorf("command %s: %w", command[0], err)
	}
	return nil
}
