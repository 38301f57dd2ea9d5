package kit

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/spf13/cobra"
)

// health asks a running server; it is for HEALTHCHECK in images without curl.
func (p *program) health() *cobra.Command {
	var address string
	var db, whenReady bool
	var timeout time.Duration
	c := &cobra.Command{
		Use:     "health",
		Short:   "Ask a running server whether it is healthy (exit 0) or not (exit 1)",
		Example: fmt.Sprintf("  %s health --db\n  %s health --url http://10.0.0.7:8080", p.name, p.name),
	}
	c.Flags().StringVar(&address, "url", "", "the server (default http://127.0.0.1:SERVER_PORT, https with TLS_CERT_FILE)")
	c.Flags().BoolVar(&db, "db", false, "also ask whether its database answers")
	c.Flags().BoolVar(&whenReady, "ready", false, "ask whether it is ready: the application's own checks, too")
	c.Flags().DurationVar(&timeout, "timeout", 5*time.Second, "how long to wait for the answer")
	c.RunE = func(c *cobra.Command, _ []string) error {
		own := address == ""
		if own {
			var err error
			if address, err = p.ownAddress(); err != nil {
				return err
			}
		}
		target := strings.TrimSuffix(address, "/") + healthPath
		switch {
		case whenReady:
			target = strings.TrimSuffix(address, "/") + readyPath
		case db:
			target += "?db=true"
		}
		request, err := http.NewRequestWithContext(c.Context(), http.MethodGet, target, nil)
		if err != nil {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--url %q is not a URL", address), Advice: "use one such as http://127.0.0.1:8080", Err: err}
		}
		client := &http.Client{Timeout: timeout}
		if own {
			// The certificate is for the name that the world knows, not for 127.0.0.1.
			client.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // it is this machine
		}
		response, err := client.Do(request)
		if err != nil {
			return &console.Error{Message: fmt.Sprintf("unhealthy: no answer from %s", target), Advice: "is the server running, and on that port?", Err: err}
		}
		defer response.Body.Close()
		body, err := io.ReadAll(io.LimitReader(response.Body, 4<<10))
		if err != nil {
			return fmt.Errorf("reading the answer of %s: %w", target, err)
		}
		fmt.Fprintln(p.stdio.Out, strings.TrimSpace(string(body)))
		if response.StatusCode != http.StatusOK {
			return &console.Error{Message: fmt.Sprintf("unhealthy: %s answered %s", target, response.Status)}
		}
		return nil
	}
	return c
}

// ownAddress is where the server of this configuration listens. It needs only the
// host and the port of it.
func (p *program) ownAddress() (string, error) {
	cfg, err := env.Load[struct {
		Host string `env:"SERVER_HOST" default:"0.0.0.0"`
		Port int    `env:"SERVER_PORT" fallback:"PORT" default:"8080"`
		TLS  string `env:"TLS_CERT_FILE"`
	}](p.source)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(cfg.Host); ip != nil && ip.IsUnspecified() {
		cfg.Host = "127.0.0.1"
	}
	scheme := "http://"
	if cfg.TLS != "" {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)), nil
}
