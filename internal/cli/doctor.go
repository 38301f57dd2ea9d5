package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/findings"
	"github.com/spf13/cobra"
)

func doctorCommand(stdio console.IO) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check the tools of this machine, and the application here",
		Long: `Check Go, Node.js, the package manager (npm, or the application's own), git and the
ports of kit serve. In the directory of an application, check its packages and their
lock file, build it, and run its own doctor: settings, database, migrations, tasks,
Redis. Elsewhere, say which database servers are here. What is missing comes with how
to get it. Warnings do not count; else the exit code is that of the first failure.`,
		Example: `  kit doctor
  kit doctor --json`,
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		list := examine(c.Context())
		if c.Context().Err() != nil {
			return errInterrupted
		}
		verdict := findings.Verdict(list)
		if asJSON {
			return errors.Join(console.JSON(stdio.Out, map[string]any{"checks": list}), console.Answered(verdict))
		}
		findings.Print(stdio.Out, list)
		return verdict
	}
	return c
}

// examine checks this machine, and the application in the working directory.
func examine(ctx context.Context) []findings.Finding {
	p, err := findProject()
	hasFrontend := err != nil
	if err == nil {
		hasFrontend = isFile(p.path("frontend", "package.json"))
	}
	list := []findings.Finding{examineTool(ctx, "go", checkGo, "env", "GOVERSION"), examineFramework(p)}
	if hasFrontend {
		list = append(list, examineTool(ctx, "node", checkNode, "--version"))
		list = append(list, examineManager(ctx, p)...)
	}
	list = append(list, examineGit(ctx), examinePort("kit serve", 8000), examinePort("vite", 5173))
	if p == nil {
		return append(list, examineServers(ctx)...)
	}
	return append(list, examineApp(ctx, p)...)
}

// examineTool reports the version of a program, and what check says of it.
func examineTool(ctx context.Context, name string, check func(context.Context) error, version ...string) findings.Finding {
	path, err := exec.LookPath(name)
	if err != nil {
		return findings.Broken(name, missing(name))
	}
	if check != nil {
		if err := check(ctx); err != nil {
			return findings.Broken(name, err)
		}
	}
	out, err := tool{}.output(ctx, name, version...)
	if err != nil {
		return findings.Broken(name, err)
	}
	return findings.Well(name, "%s (%s)", strings.TrimPrefix(strings.TrimPrefix(out, "go"), "v"), path)
}

func examineGit(ctx context.Context) findings.Finding {
	f := examineTool(ctx, "git", nil, "--version")
	if _, err := exec.LookPath("git"); err != nil {
		return findings.Doubtful("git", "install it from https://git-scm.com/: builds take their version from it", "git is missing: it is not in PATH")
	}
	f.Detail = strings.TrimPrefix(f.Detail, "git version ")
	return f
}

// examineFramework compares the framework of this command with that of the application.
func examineFramework(p *project) findings.Finding {
	const name = "kit"
	own, err := framework()
	if err != nil {
		return findings.Broken(name, err)
	}
	if own.Dir != "" {
		if p != nil && p.checkout() != own.Dir {
			return findings.Doubtful(name, "run the kit command of that framework, or change the replace in go.mod", "this command is of the checkout %s, the application's framework is another", own.Dir)
		}
		return findings.Well(name, "of the checkout %s", own.Dir)
	}
	if p != nil {
		for _, r := range p.mod.Require {
			if r.Mod.Path == kitModule && r.Mod.Version != own.Version {
				return findings.Doubtful(name, "go install "+kitModule+"/cmd/kit@"+r.Mod.Version, "this command is %s, the application uses %s", own.Version, r.Mod.Version)
			}
		}
	}
	return findings.Well(name, "%s", own.Version)
}

func examinePort(name string, port int) findings.Finding {
	name = "port of " + name
	l, err := net.Listen("tcp", net.JoinHostPort("localhost", strconv.Itoa(port)))
	if err != nil {
		return findings.Doubtful(name, "the next free one is taken; --port and --frontend-port choose", "%d is in use", port)
	}
	_ = l.Close()
	return findings.Well(name, "%d is free", port)
}

// examineServers says which servers answer at their usual ports.
func examineServers(ctx context.Context) []findings.Finding {
	var list []findings.Finding
	for _, s := range []struct {
		name string
		port int
	}{{"postgresql", 5432}, {"mysql", 3306}, {"redis", 6379}} {
		address := net.JoinHostPort("localhost", strconv.Itoa(s.port))
		dialer := net.Dialer{Timeout: time.Second}
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			list = append(list, findings.Well(s.name, "none at %s; applications on SQLite need none", address))
			continue
		}
		_ = conn.Close()
		list = append(list, findings.Well(s.name, "something answers at %s", address))
	}
	return list
}

// examineManager checks the package manager of an application and what it has installed;
// without an application it is npm, as in a new one.
func examineManager(ctx context.Context, p *project) []findings.Finding {
	if p == nil {
		return []findings.Finding{examineTool(ctx, packageManagers[0].name, nil, "--version")}
	}
	m, err := p.packageManager()
	if err != nil {
		return []findings.Finding{findings.Broken("packages", err)}
	}
	return []findings.Finding{examineTool(ctx, m.name, nil, "--version"), examinePackages(p, m)}
}

func examinePackages(p *project, m packageManager) findings.Finding {
	name, lock := m.name+" packages", "frontend/"+m.lock
	if !isFile(p.path("frontend", m.lock)) {
		return findings.Doubtful(name, "kit build and kit serve install the packages and write it; commit it", "%s is missing", lock)
	}
	if _, err := os.Stat(p.path("frontend", "node_modules")); err != nil {
		return findings.Doubtful(name, "kit build and kit serve install them", "they are not installed yet")
	}
	if !m.installed(p.path("frontend")) {
		return findings.Doubtful(name, "kit build and kit serve install them", "they are not those of %s", lock)
	}
	return findings.Well(name, "those of %s", lock)
}

// examineApp builds the application and returns what its own doctor finds.
func examineApp(ctx context.Context, p *project) []findings.Finding {
	const name = "build"
	var output bytes.Buffer
	binary, err := p.buildForRun(ctx, &output)
	if err != nil {
		f := findings.Broken(name, err)
		if line := firstMistake(output.String()); line != "" && console.Hint(err) == "" {
			f.Advice = "run `go vet ./...` for all of: " + line
		}
		return []findings.Finding{f}
	}
	c := tool{dir: p.dir}.command(ctx, binary, "doctor", "--json")
	c.Args[0] = "kit" // its advice names commands, which here are kit's
	out, err := c.Output()
	var answer struct{ Checks []findings.Finding }
	if jsonErr := json.Unmarshal(out, &answer); jsonErr != nil {
		return []findings.Finding{findings.Broken("application", fmt.Errorf("its doctor did not answer: %w", errors.Join(err, jsonErr)))}
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		for i := range answer.Checks {
			answer.Checks[i].Code = exit.ExitCode()
		}
	}
	return append([]findings.Finding{findings.Well(name, "the application compiles")}, answer.Checks...)
}

// firstMistake returns the first line of what go build prints that is about a mistake: each
// package with some has a line that begins with # and names it.
func firstMistake(output string) string {
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return line
		}
	}
	return ""
}
