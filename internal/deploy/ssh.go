// Package deploy talks to the server that kit deploy brings a release to: one connection
// of the system's ssh, at whose other end server.sh takes step after step.
//
//	s, err := deploy.Connect(ctx, deploy.Host{Target: "root@shop.example.com"}, deploy.Job{App: "shop", Binary: "shop", Action: "deploy"})
//	answer, err := s.Do("check")
package deploy

import (
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"github.com/kitgo/kit/console"
)

// Host says how ssh reaches the server. What is empty is left to ssh and its
// configuration.
type Host struct {
	Target   string // user@host, or a name of ~/.ssh/config
	Port     int
	Identity string // file of a private key
	Config   string // file to read in place of ~/.ssh/config
}

// target is what ssh can have as its destination, and never takes for a flag.
var target = regexp.MustCompile(`^([A-Za-z0-9_][A-Za-z0-9._-]*@)?[A-Za-z0-9\[][A-Za-z0-9.:_%\]-]*$`)

// Check returns what is wrong with the values.
func (h Host) Check() error {
	if !target.MatchString(h.Target) {
		return &console.Error{Code: console.Usage, Message: fmt.Sprintf("%q is not a server", h.Target), Advice: "use user@host, or a name of ~/.ssh/config"}
	}
	if h.Port < 0 || h.Port > 65535 {
		return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--port %d is not a port", h.Port), Advice: "use a number from 1 to 65535"}
	}
	return nil
}

// args are the arguments of ssh. Nothing is asked, because nobody may be there to answer,
// and the server's key must be known, whatever the configuration says.
func (h Host) args(command string) []string {
	args := []string{
		"-T", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=15",
		"-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
	}
	if h.Port != 0 {
		args = append(args, "-p", strconv.Itoa(h.Port))
	}
	if h.Identity != "" {
		args = append(args, "-i", h.Identity, "-o", "IdentitiesOnly=yes")
	}
	if h.Config != "" {
		args = append(args, "-F", h.Config)
	}
	return append(args, "--", h.Target, command)
}

// byHand is the command with which a person reaches the server.
func (h Host) byHand() string {
	if h.Port != 0 {
		return fmt.Sprintf("ssh -p %d %s", h.Port, h.Target)
	}
	return "ssh " + h.Target
}

// refused turns what ssh or sudo wrote before the first step into one error.
func (h Host) refused(stderr string, err error) error {
	e := &console.Error{Code: console.Unavailable, Err: err}
	has := func(parts ...string) bool {
		for _, part := range parts {
			if strings.Contains(stderr, part) {
				return true
			}
		}
		return false
	}
	switch {
	case has("REMOTE HOST IDENTIFICATION HAS CHANGED"):
		e.Code = console.Failed
		e.Message = "the host key of " + h.Target + " is not the one that is known: somebody may be in between, or the server is a new one"
		e.Advice = "compare the key with the server's own; if it is right, remove the old one with ssh-keygen -R and connect once by hand: " + h.byHand()
	case has("Host key verification failed", "host key is known"):
		e.Code = console.Failed
		e.Message = "the host key of " + h.Target + " is not known"
		e.Advice = "connect once by hand, and compare the key with the server's own: " + h.byHand()
	case has("Permission denied ("):
		e.Code = console.Failed
		e.Message = h.Target + " takes none of the ssh keys that are offered"
		e.Advice = "load the key with ssh-add, or name it with --identity; the public half belongs into ~/.ssh/authorized_keys on the server"
		if has("not accessible: No such file") {
			e.Message = "there is no key in " + h.Identity
		}
	case has("sudo:"):
		e.Code = console.Failed
		e.Message = "the user of " + h.Target + " may not become root without a password"
		e.Advice = "deploy as root, or let sudo ask nothing: echo 'USER ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/deploy"
	case has("Could not resolve hostname"):
		e.Message = "the name of the server in " + h.Target + " does not resolve"
		e.Advice = "correct the name, or add it to ~/.ssh/config"
	case has("bash: command not found", "bash: not found"):
		e.Code = console.Failed
		e.Message = h.Target + " has no bash"
		e.Advice = "install bash on the server"
	default:
		e.Message = "no connection to " + h.Target
		if line := lastLine(stderr); line != "" {
			e.Message += ": " + line
		}
		e.Advice = "does this work? " + h.byHand()
	}
	return e
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

// Architecture is Go's name of a machine as uname -m says it; "" for one that Go does
// not build for.
func Architecture(machine string) string {
	return map[string]string{
		"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "armv7l": "arm", "i686": "386", "i586": "386",
		"riscv64": "riscv64", "ppc64le": "ppc64le", "s390x": "s390x", "loongarch64": "loong64",
	}[machine]
}

// missingSSH is the error for a machine without ssh.
func missingSSH(err error) error {
	advice := "install OpenSSH's client"
	if runtime.GOOS == "linux" {
		advice = "install it: apt-get install openssh-client"
	}
	return &console.Error{Message: "ssh is missing: it is not in PATH", Advice: advice, Err: err}
}
