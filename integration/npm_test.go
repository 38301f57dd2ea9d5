package integration_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Somebody presses Ctrl-C while npm installs packages: nothing goes on, and what is there
// so far is not taken for an installation by the next build.
func TestAnInstallationThatIsInterrupted(t *testing.T) {
	t.Parallel()
	kit, dir := kitCommand(t), filepath.Join(t.TempDir(), "shop")
	if err := command(filepath.Dir(dir), kit, "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	packages := filepath.Join(dir, "frontend", "node_modules")
	build := startIn(t, dir, kit, nil, "build")
	build.until(5*time.Minute, "installing packages", func() bool {
		list, err := os.ReadDir(packages)
		return err == nil && len(list) > 0
	})
	started := descendants(t, build.cmd.Process.Pid)
	build.signal(syscall.SIGINT)
	if code := build.wait(time.Minute); code != 1 || !strings.Contains(build.stderr.String(), "error: interrupted\n") {
		t.Errorf("exit code %d, want 1\n%s", code, build.stderr)
	}
	for _, pid := range started {
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("process %d is left behind", pid)
		}
	}
	if _, err := os.Stat(filepath.Join(packages, ".package-lock.json")); err == nil {
		t.Error("the installation looks complete")
	}
	if _, err := os.Stat(filepath.Join(dir, "shop")); err == nil {
		t.Error("there is a binary")
	}
}

// Without a network the packages cannot come: what npm says is shown, and where they
// would have come from.
func TestAnInstallationWithoutANetwork(t *testing.T) {
	t.Parallel()
	kit, dir := kitCommand(t), filepath.Join(t.TempDir(), "shop")
	if err := command(filepath.Dir(dir), kit, "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	build := startIn(t, dir, kit, []string{"npm_config_registry=http://127.0.0.1:9", "npm_config_cache=" + t.TempDir(), "npm_config_fetch_retries=0"}, "serve", "--port", "0")
	if code := build.wait(5 * time.Minute); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	for _, want := range []string{"ECONNREFUSED", "\nerror: npm ci failed: exit status 1\nhint: npm says above why"} {
		if !strings.Contains(build.stderr.String(), want) {
			t.Errorf("stderr has no %q:\n%s", want, build.stderr)
		}
	}
}

// descendants returns the processes that a process has started, and those that these have.
func descendants(tb testing.TB, pid int) (pids []int) {
	tb.Helper()
	out, err := exec.Command("pgrep", "-P", strconv.Itoa(pid)).Output()
	if exit, ok := err.(*exec.ExitError); ok && exit.ExitCode() == 1 {
		return nil // none
	}
	if err != nil {
		tb.Fatalf("pgrep: %v (on Debian: apt-get install procps)", err)
	}
	for _, field := range strings.Fields(string(out)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			tb.Fatal(err)
		}
		pids = append(append(pids, child), descendants(tb, child)...)
	}
	return pids
}
