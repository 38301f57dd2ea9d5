package cli

import (
	"net"
	"strings"
	"testing"

	"github.com/kitgo/kit/console"
)

// The hint is about what is wrong: the host, or the port.
func TestListen(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	port := taken.Addr().(*net.TCPAddr).Port
	tests := map[string]struct {
		host          string
		port, code    int
		message, hint string
	}{
		"a host that is nowhere":         {"nosuch.host.invalid", 0, console.Unavailable, "the host nosuch.host.invalid cannot be found: ", "with --host"},
		"a host that is another machine": {"192.0.2.1", port, console.Unavailable, "the host 192.0.2.1 is not this machine: ", "with --host"},
		"a port in use":                  {"127.0.0.1", port, console.Unavailable, "cannot be used: ", "stop what uses it"},
		"no port":                        {"127.0.0.1", 65536, console.Usage, "port 65536 is not a port", "from 1 to 65535"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := listen(test.host, test.port, true)
			if err == nil {
				_ = l.Close()
				t.Fatal("it listens")
			}
			if code := console.ExitCode(err); code != test.code || !strings.Contains(err.Error(), test.message) || !strings.Contains(console.Hint(err), test.hint) {
				t.Errorf("code %d, error %q, hint %q", code, err, console.Hint(err))
			}
		})
	}
	t.Run("the next one is taken", func(t *testing.T) {
		t.Parallel()
		l, err := listen("127.0.0.1", port, false)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if got := l.Addr().(*net.TCPAddr).Port; got <= port {
			t.Errorf("port %d", got)
		}
	})
}
