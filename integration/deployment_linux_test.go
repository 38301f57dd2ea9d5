//go:build deploy

package integration_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// deployment is an application with a server that it is deployed to.
type deployment struct {
	*server
	dir    string // the application
	binary string // built for the server
	config string // ssh's
}

// startDeployment makes an application that does what the fixture does, and a server.
func startDeployment(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{server: startServer(t), dir: filepath.Join(t.TempDir(), "shop")}
	if err := command(filepath.Dir(d.dir), kitCommand(t), "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	// Without its package.json the frontend is not built; the fixture has none.
	for _, name := range []string{"frontend/package.json", "main_test.go", "config.go", "routes.go", "schedule.go", "types.go"} {
		if err := os.Remove(filepath.Join(d.dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"main.go", "migrations.go"} {
		text, err := os.ReadFile(filepath.Join("fixture", name))
		if err != nil {
			t.Fatal(err)
		}
		d.put(name, string(text), 0o644)
	}
	d.config = filepath.Join(t.TempDir(), "config")
	d.configure(d.known, d.key)
	d.binary = filepath.Join(t.TempDir(), "shop")
	return d
}

// configure writes ssh's configuration.
func (d *deployment) configure(known, key string) {
	d.t.Helper()
	text := fmt.Sprintf("Host *\n  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n  IdentityFile %s\n  IdentitiesOnly yes\n  IdentityAgent none\n", known, key)
	if err := os.WriteFile(d.config, []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// put writes a file of the application.
func (d *deployment) put(name, text string, mode os.FileMode) {
	d.t.Helper()
	file := filepath.Join(d.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), mode), os.Chmod(file, mode)); err != nil {
		d.t.Fatal(err)
	}
}

func (d *deployment) remove(name string) {
	d.t.Helper()
	if err := os.RemoveAll(filepath.Join(d.dir, name)); err != nil {
		d.t.Fatal(err)
	}
}

// kit prepares kit deploy with args.
func (d *deployment) kit(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, kitCommand(d.t), append([]string{"deploy", "deploy@" + d.address, "--ssh-config", d.config}, args...)...)
	c.Dir = d.dir
	c.WaitDelay = 5 * time.Second
	return c
}

// deploy runs kit deploy, and returns its exit code and what it printed.
func (d *deployment) deploy(args ...string) result {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(d.t.Context(), 10*time.Minute)
	defer cancel()
	c := d.kit(ctx, args...)
	var stdout, stderr strings.Builder
	c.Stdout, c.Stderr = &stdout, &stderr
	err := c.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		d.t.Fatal(err)
	}
	return result{stdout: stdout.String(), stderr: stderr.String(), code: c.ProcessState.ExitCode()}
}

// works runs kit deploy, which has to succeed.
func (d *deployment) works(args ...string) string {
	d.t.Helper()
	got := d.deploy(args...)
	if got.code != 0 {
		d.t.Fatalf("kit deploy %v exits %d:\n%s\n%s\n%s", args, got.code, got.stdout, got.stderr, d.run("journalctl", "--no-pager", "-n", "30"))
	}
	return got.stdout
}

// fails runs kit deploy, which has to fail with one line that has want, and to leave the
// running release and its files as they were.
func (d *deployment) fails(code int, want string, args ...string) {
	d.t.Helper()
	before := d.current()
	got := d.deploy(args...)
	errorLines := regexp.MustCompile(`(?m)^error: .*$`).FindAllString(got.stderr, -1)
	if got.code != code || len(errorLines) != 1 || !regexp.MustCompile(want).MatchString(errorLines[0]) {
		d.t.Errorf("kit deploy %v exits %d, want %d and an error like %q:\n%s\n%s", args, got.code, code, want, got.stdout, got.stderr)
	}
	if strings.Contains(got.stderr, "goroutine") || strings.Contains(got.stderr, "&{") {
		d.t.Errorf("that is for no person:\n%s", got.stderr)
	}
	d.unchanged(before)
}

// unchanged makes sure that a release serves, and that nothing was left behind.
func (d *deployment) unchanged(release string) {
	d.t.Helper()
	if now := d.current(); now != release {
		d.t.Errorf("the current release is %q, want %q", now, release)
	}
	if release != "" {
		if state := d.run("systemctl", "is-active", "shop.socket", "shop.service", "shop-scheduler.service"); state != "active\nactive\nactive" {
			d.t.Errorf("the units are %q", state)
		}
		if status := d.get("/notes"); status != http.StatusOK {
			d.t.Errorf("GET /notes = %d", status)
		}
	}
	for _, name := range d.releases() {
		if strings.HasPrefix(name, ".") {
			d.t.Errorf("%s was left behind", name)
		}
	}
}

// current is the release that the server's link leads to.
func (d *deployment) current() string {
	to, err := os.Readlink(filepath.Join(d.root, "opt/shop/current"))
	if err != nil {
		return ""
	}
	return filepath.Base(to)
}

func (d *deployment) releases() []string {
	var names []string
	entries, _ := os.ReadDir(filepath.Join(d.root, "opt/shop/releases"))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// url is the application as the server's proxy sees it, and so do the tests: the socket
// is at 127.0.0.1 there.
func (d *deployment) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, "tcp", d.address+":8080")
}

func (d *deployment) client() *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{DialContext: d.dial, MaxIdleConnsPerHost: 64}}
}

func (d *deployment) get(path string) int {
	client := d.client()
	defer client.CloseIdleConnections()
	response, err := client.Get("http://shop.test" + path)
	if err != nil {
		d.t.Log(err)
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

// load sends perSecond requests a second until its stop is called, which returns how many
// there were, how many failed, and how long the longest took.
func (d *deployment) load(perSecond int) (stop func() (sent, failed int, longest time.Duration)) {
	end := paced("http://shop.test/notes", perSecond, d.client())
	d.t.Cleanup(func() { end() })
	return func() (int, int, time.Duration) {
		l := end()
		if len(l.failed) > 0 {
			d.t.Errorf("the first failed request: %v", l.failed[0])
		}
		return len(l.took), len(l.failed), l.at(1)
	}
}

// audit are the lines of the server's audit log, without their times.
func (d *deployment) audit() []string {
	d.t.Helper()
	var list struct {
		Deployments []struct{ Action, Release, Outcome, Detail, Who, From string }
	}
	got := d.deploy("--list", "--json")
	if err := json.Unmarshal([]byte(got.stdout), &list); err != nil {
		d.t.Fatalf("%v: %s%s", err, got.stdout, got.stderr)
	}
	var lines []string
	for _, e := range list.Deployments {
		if !strings.Contains(e.Who, "@") || !strings.HasPrefix(e.From, "198.18.") {
			d.t.Errorf("the audit log does not say who it was: %+v", e)
		}
		lines = append(lines, strings.TrimSuffix(e.Action+": "+e.Outcome+": "+e.Detail, ": "))
	}
	return lines
}
