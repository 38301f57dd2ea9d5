package kit

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// stopBySignal returns a context that the first SIGTERM or SIGINT cancels. The
// second one exits the process: whoever sends it does not want to wait.
func stopBySignal(parent context.Context) context.Context {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		s := <-signals
		fmt.Fprintf(os.Stderr, "stopped at once by a second signal (%s)\n", s)
		os.Exit(1)
	}()
	return ctx
}
