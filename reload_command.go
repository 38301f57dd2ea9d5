package kit

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/handover"
	"github.com/spf13/cobra"
)

// reload asks a running server to let a new process take over.
func (p *program) reload() *cobra.Command {
	var host string
	var port int
	var environment bool
	c := &cobra.Command{
		Use:   "reload",
		Short: "Replace the running server by its binary as it is now, without a failed request",
		Long: `Ask the running server to start its binary anew. The new process takes over the socket,
connects, migrates, and serves; then the old one ends its requests and exits. If the new
one does not become ready, the old one serves on, and this command says why and exits
with 1. The server is found by SERVER_HOST and SERVER_PORT, and must be of the same user.

SIGUSR2 to the server does the same. Linux only.`,
		Example: fmt.Sprintf("  %s reload\n  %s reload --environment", p.name, p.name),
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&host, "host", "", "host that the server binds (default SERVER_HOST)")
	c.Flags().IntVar(&port, "port", 0, "port that the server binds (default SERVER_PORT)")
	c.Flags().BoolVar(&environment, "environment", false, "start the new process with this command's environment, not with that of the old one")
	c.RunE = func(c *cobra.Command, _ []string) error {
		address, err := p.reloadAddress(host, port)
		if err != nil {
			return err
		}
		var request handover.Request
		if environment {
			request.Env = os.Environ()
		}
		began := time.Now()
		done, err := handover.Ask(c.Context(), address, request, func(name string) {
			fmt.Fprintf(p.stdio.Err, "the new process is %s\n", name)
		})
		if errors.Is(err, handover.ErrNobody) {
			return &console.Error{Code: console.Unavailable, Message: "no server runs at " + address, Advice: "SERVER_HOST and SERVER_PORT, or --host and --port, must be those of the server", Err: err}
		}
		if failure, ok := errors.AsType[*handover.Failure](err); ok {
			return &console.Error{Code: failure.Code, Message: "not reloaded: " + failure.Message, Advice: failure.Advice, Err: err}
		}
		if err != nil {
			return stopped(c.Context(), err)
		}
		fmt.Fprintf(p.stdio.Out, "Process %d serves in place of process %d, after %s.\n", done.New, done.Old, time.Since(began).Round(time.Millisecond))
		return nil
	}
	return c
}

// reloadAddress is what the server of this configuration is called. It needs only the
// host and the port of it.
func (p *program) reloadAddress(host string, port int) (string, error) {
	cfg, err := env.Load[struct {
		Host string `env:"SERVER_HOST" default:"0.0.0.0"`
		Port int    `env:"SERVER_PORT" fallback:"PORT" default:"8080"`
	}](p.source)
	if err != nil {
		return "", err
	}
	if host != "" {
		cfg.Host = host
	}
	if port != 0 {
		cfg.Port = port
	}
	return net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)), nil
}
