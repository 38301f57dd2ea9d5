package deploy

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/kitgo/kit/console"
)

// A destination is never one of ssh's flags, nor a command for a shell.
func TestOnlyServersAreServers(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]bool{
		"deploy@shop.example.com": true, "shop": true, "root@10.0.0.7": true, "root@[2001:db8::1]": true, "web-1.internal": true, "a_b@host": true,
		"": false, "-oProxyCommand=x": false, "root@-oProxyCommand=x": false, "root@": false, "a b": false, "root@host;id": false, "$(id)": false, "root@host\nx": false,
	} {
		err := Host{Target: target}.Check()
		if (err == nil) != want {
			t.Errorf("Check of %q = %v", target, err)
		}
		if err != nil && console.ExitCode(err) != console.Usage {
			t.Errorf("%q: exit code %d", target, console.ExitCode(err))
		}
	}
	if err := (Host{Target: "shop", Port: 70000}).Check(); err == nil {
		t.Error("70000 is taken for a port")
	}
}

// What ssh and sudo say becomes one line, and one about what to do.
func TestWhatSSHSaysIsExplained(t *testing.T) {
	t.Parallel()
	h := Host{Target: "deploy@shop", Port: 2222}
	for _, tt := range []struct {
		stderr, want, hint string
		code               int
	}{
		{"ssh: Could not resolve hostname shop: Name or service not known\n", "does not resolve", "~/.ssh/config", 69},
		{"ssh: connect to host shop port 2222: Connection refused\n", "no connection to deploy@shop: ssh: connect to host shop port 2222: Connection refused", "ssh -p 2222 deploy@shop", 69},
		{"deploy@shop: Permission denied (publickey).\n", "none of the ssh keys", "ssh-add", 1},
		{"No ED25519 host key is known for shop and you have requested strict checking.\nHost key verification failed.\n", "is not known", "connect once by hand", 1},
		{"@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n", "is not the one that is known", "ssh-keygen -R", 1},
		{"sudo: a password is required\n", "may not become root", "NOPASSWD", 1},
		{"", "no connection to deploy@shop", "does this work?", 69},
	} {
		err := h.refused(tt.stderr, errors.New("exit status 255"))
		if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") || !strings.Contains(console.Hint(err), tt.hint) || console.ExitCode(err) != tt.code {
			t.Errorf("%q becomes %q, %q, exit code %d", tt.stderr, err, console.Hint(err), console.ExitCode(err))
		}
	}
}

// The key of the server is checked whatever the configuration says, and nothing is asked.
func TestTheHostKeyIsAlwaysChecked(t *testing.T) {
	t.Parallel()
	args := strings.Join(Host{Target: "shop", Port: 22, Identity: "key", Config: "config"}.args("true"), " ")
	for _, want := range []string{"StrictHostKeyChecking=yes", "BatchMode=yes", "-p 22", "-i key -o IdentitiesOnly=yes", "-F config", "-- shop true"} {
		if !strings.Contains(args, want) {
			t.Errorf("ssh gets %q, without %q", args, want)
		}
	}
}

// Login shells take the quoted text as one word.
func TestQuotedTextIsOneWord(t *testing.T) {
	t.Parallel()
	const text = `it's "$(id)" \ & one; word`
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+shellQuote(text)).Output()
	if err != nil || string(out) != text {
		t.Errorf("%v: %q", err, out)
	}
}

// bash reads the server's part without running it.
func TestTheServersPartIsBash(t *testing.T) {
	t.Parallel()
	c := exec.CommandContext(t.Context(), "bash", "-n")
	c.Stdin = strings.NewReader(serverScript)
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		t.Error(err)
	}
}
