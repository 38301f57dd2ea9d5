package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
)

// tool runs another program in dir.
type tool struct {
	dir string
	env []string // added to the environment of the process
}

// command prepares a run of name. When ctx ends the program is asked to stop, and
// killed if it has not within some seconds.
func (t tool) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = t.dir
	c.Env = append(os.Environ(), t.env...)
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 5 * time.Second
	return c
}

// output runs name and returns what it printed to stdout, without the last line
// break.
func (t tool) output(ctx context.Context, name string, args ...string) (string, error) {
	out, err := t.command(ctx, name, args...).Output()
	if err != nil {
		return "", failed(ctx, name, args, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// run runs name; what it prints goes to output, and only if it fails.
func (t tool) run(ctx context.Context, output io.Writer, name string, args ...string) error {
	c := t.command(ctx, name, args...)
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	err := c.Run()
	if err == nil {
		return nil
	}
	fmt.Fprintf(output, "%s\n", bytes.TrimSpace(out.Bytes()))
	return failed(ctx, name, args, err)
}

// failed describes why a run of name did not succeed. The exit code of that
// program is not the one of this.
func failed(ctx context.Context, name string, args []string, err error) error {
	switch {
	case ctx.Err() != nil:
		return errInterrupted
	case errors.Is(err, exec.ErrNotFound):
		return missing(name)
	}
	what := name
	for _, arg := range args {
		if strings.HasPrefix(arg, "-") {
			break
		}
		what += " " + arg
	}
	return &console.Error{Message: fmt.Sprintf("%s failed: %v", what, err), Err: err}
}

var errInterrupted = errors.New("interrupted")

func missing(name string) error {
	e := &console.Error{Message: name + " is missing: it is not in PATH"}
	switch name {
	case "go":
		e.Advice = "install Go " + minimumGo + " or newer from https://go.dev/dl/"
	case scaffold.PNPM, scaffold.Bun:
		e.Advice = "install it: npm install --global " + name
	case "node", scaffold.NPM:
		e.Advice = "install Node.js " + minimumNode + " or newer, which brings npm, from https://nodejs.org/"
	}
	return e
}

// What an application needs. Vite decides the versions of Node.js: 20 from 20.19,
// and from 22.12.
const (
	minimumGo   = "1.26"
	minimumNode = "20.19"
)

// checkGo reports whether a recent Go is installed.
func checkGo(ctx context.Context) error {
	if _, err := exec.LookPath("go"); err != nil {
		return missing("go")
	}
	out, err := tool{}.output(ctx, "go", "env", "GOVERSION")
	if err != nil {
		return fmt.Errorf("asking go for its version: %w", err)
	}
	major, minor, ok := parseVersion(strings.TrimPrefix(out, "go"))
	if ok && (major < 1 || major == 1 && minor < 26) {
		return &console.Error{
			Message: fmt.Sprintf("Go %s is too old: an application needs Go %s", strings.TrimPrefix(out, "go"), minimumGo),
			Advice:  "install a newer one from https://go.dev/dl/",
		}
	}
	return nil
}

// checkNode reports whether a recent Node.js is installed.
func checkNode(ctx context.Context) error {
	if _, err := exec.LookPath("node"); err != nil {
		return missing("node")
	}
	out, err := tool{}.output(ctx, "node", "--version")
	if err != nil {
		return fmt.Errorf("asking node for its version: %w", err)
	}
	version := strings.TrimPrefix(out, "v")
	if major, minor, ok := parseVersion(version); ok && !supportedNode(major, minor) {
		return &console.Error{
			Message: fmt.Sprintf("Node.js %s is not supported: the frontend needs %s, or 22.12 and newer", version, minimumNode),
			Advice:  "install a newer one from https://nodejs.org/",
		}
	}
	return nil
}

func supportedNode(major, minor int) bool {
	return major == 20 && minor >= 19 || major == 22 && minor >= 12 || major > 22
}

// parseVersion reads the first two numbers of a version; ok is false for what has
// none, such as the version of a development build.
func parseVersion(version string) (major, minor int, ok bool) {
	first, rest, _ := strings.Cut(version, ".")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	if end >= 0 {
		rest = rest[:end]
	}
	major, err1 := strconv.Atoi(first)
	minor, err2 := strconv.Atoi(rest)
	return major, minor, err1 == nil && err2 == nil
}
