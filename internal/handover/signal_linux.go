package handover

import (
	"os"
	"os/signal"
	"syscall"
)

// Signals returns the channel on which SIGUSR2 comes, which asks the process to be
// replaced. From now on that signal does not end the process any more.
func Signals() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGUSR2)
	return c
}
