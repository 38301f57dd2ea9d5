package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/cli"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"kit": func() { os.Exit(cli.Main(os.Args[1:], console.Stdio())) },
	})
}

// The scripts run the command as users do, without a network.
func TestScripts(t *testing.T) {
	t.Parallel()
	runScripts(t, "script")
}

// runScripts runs the scripts of a folder in testdata.
func runScripts(t *testing.T, folder string) {
	t.Helper()
	goEnv := make(map[string]string)
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOFLAGS"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		goEnv[name] = strings.TrimSpace(string(out))
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", folder),
		Setup: func(env *testscript.Env) error {
			for name, value := range goEnv {
				env.Setenv(name, value)
			}
			env.Setenv("GOPROXY", "off")
			env.Setenv("HOME", filepath.Join(env.WorkDir, ".tmp", "home"))
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			// Only kit, and what the script puts there.
			env.Setenv("BARE", filepath.Join(env.WorkDir, "bare"))
			kit, err := exec.LookPath("kit")
			if err != nil {
				return err
			}
			if err := os.MkdirAll(env.Getenv("BARE"), 0o755); err != nil {
				return err
			}
			return os.Symlink(kit, filepath.Join(env.Getenv("BARE"), "kit"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// exits runs a program and checks its exit code: exits CODE PROGRAM [ARG...].
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...].")
	}
	want, err := strconv.Atoi(args[0])
	if err != nil {
		ts.Fatalf("%s is not an exit code", args[0])
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		// The error of Exec is that of the process, whose text has the code.
		if _, err := fmt.Sscanf(err.Error(), "exit status %d", &got); err != nil {
			ts.Fatalf("%s: %v", args[1], err)
		}
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
