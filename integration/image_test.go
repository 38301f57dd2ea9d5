//go:build image

package integration_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// engine builds and runs images: Docker where there is one, else buildah.
type engine interface {
	build(t *testing.T, dir, tag string)
	config(t *testing.T, tag string) imageConfig
	// command returns a process of the image; without args, its CMD.
	command(t *testing.T, tag string, vars []string, args ...string) *exec.Cmd
	// size returns the bytes that the image adds to the image it starts from.
	size(t *testing.T, tag string) int64
}

type imageConfig struct {
	User, WorkingDir string
	Env, Cmd         []string
	ExposedPorts     map[string]any
	Healthcheck      *struct{ Test []string }
}

func TestImage(t *testing.T) {
	dir := newApplication(t)
	// What a developer's directory holds must not matter to the image.
	if err := command(dir, kitCommand(t), "docker:init"); err != nil {
		t.Fatal(err)
	}
	if err := command(".", "../scripts/base-images", filepath.Join(dir, "Dockerfile")); err != nil {
		t.Fatal(err)
	}
	const tag = "localhost/kit-image-test"
	var e engine = docker{}
	if exec.Command("docker", "info").Run() != nil {
		e = withoutDocker(t)
	}
	e.build(t, dir, tag)
	t.Logf("the image adds %d bytes to its base", e.size(t, tag))

	t.Run("configuration", func(t *testing.T) { checkConfig(t, e.config(t, tag)) })

	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	port := freePort(t)
	vars := []string{"DATABASE_URL=" + server.URL("app"), "SERVER_PORT=" + strconv.Itoa(port)}

	role := func(name, want string, args ...string) {
		t.Run(name, func(t *testing.T) {
			out, err := e.command(t, tag, vars, args...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), want) {
				t.Errorf("%v: %v, want exit 0 and %q:\n%s", args, err, want, out)
			}
		})
	}
	role("migrate:status before", "pending", "./app", "migrate:status")

	web := e.command(t, tag, vars)
	log := new(output)
	web.Stdout, web.Stderr = log, log
	if err := web.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{tb: t, cmd: web, url: fmt.Sprintf("http://127.0.0.1:%d", port), stdout: log, stderr: log, ended: make(chan struct{})}
	go func() { _ = web.Wait(); close(p.ended) }()
	t.Cleanup(func() {
		_ = web.Process.Kill()
		if t.Failed() {
			t.Logf("the web server's output:\n%s", log)
		}
	})
	p.untilReady()

	t.Run("web server", func(t *testing.T) {
		if status, body := p.get("/"); status != 200 || !strings.Contains(body, `"component":"Home"`) || !strings.Contains(body, "/assets/") {
			t.Errorf("GET / = %d\n%s", status, body)
		}
		if status, body := p.get("/_kit/health?db=true"); status != 200 || !strings.Contains(body, `"database":"connected"`) {
			t.Errorf("health = %d %s", status, body)
		}
	})
	role("migrate:status after", "applied", "./app", "migrate:status")
	role("schedule:list", "heartbeat", "./app", "schedule:list")
	role("schedule:run", "Running 'heartbeat'... OK", "./app", "schedule:run")
	role("health", `"status":"ok"`, "./app", "health")

	t.Run("SIGTERM to PID 1 ends it at exit 0", func(t *testing.T) {
		p.tb = t
		signalContainer(t, web)
		if code := p.wait(20 * time.Second); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		if !strings.Contains(log.String(), "stopped") {
			t.Error("the server did not stop by itself")
		}
	})
}

func checkConfig(t *testing.T, c imageConfig) {
	t.Helper()
	if c.WorkingDir != "/app" || !slices.Equal(c.Cmd, []string{"./app"}) {
		t.Errorf("WORKDIR %s, CMD %v", c.WorkingDir, c.Cmd)
	}
	if user, _, _ := strings.Cut(c.User, ":"); user == "" || user == "root" || user == "0" {
		t.Errorf("the image runs as %q", c.User)
	}
	for _, want := range []string{"APP_ENV=production", "SERVER_HOST=0.0.0.0", "SERVER_PORT=8080"} {
		if !slices.Contains(c.Env, want) {
			t.Errorf("ENV has no %s: %v", want, c.Env)
		}
	}
	if _, ok := c.ExposedPorts["8080/tcp"]; !ok {
		t.Errorf("EXPOSE %v", c.ExposedPorts)
	}
	if c.Healthcheck == nil || !slices.Equal(c.Healthcheck.Test, []string{"CMD", "./app", "health"}) {
		t.Errorf("HEALTHCHECK %+v", c.Healthcheck)
	}
}

// docker is a Docker engine.
type docker struct{}

func (docker) build(t *testing.T, dir, tag string) {
	t.Helper()
	if err := command(dir, "docker", "build", "-t", tag, "."); err != nil {
		t.Fatal(err)
	}
}

func (docker) config(t *testing.T, tag string) imageConfig {
	t.Helper()
	out, err := exec.Command("docker", "image", "inspect", "--format", "{{json .Config}}", tag).Output()
	if err != nil {
		t.Fatal(err)
	}
	return decode[imageConfig](t, string(out))
}

func (docker) command(t *testing.T, tag string, vars []string, args ...string) *exec.Cmd {
	t.Helper()
	run := []string{"run", "--rm", "--network", "host"}
	for _, v := range vars {
		run = append(run, "-e", v)
	}
	return exec.Command("docker", append(append(run, tag), args...)...)
}

func (docker) size(t *testing.T, tag string) int64 {
	t.Helper()
	out, err := exec.Command("docker", "history", "--no-trunc", "--human=false", "--format", "{{.Size}}\t{{.CreatedBy}}", tag).Output()
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for line := range strings.Lines(string(out)) {
		size, by, _ := strings.Cut(line, "\t")
		if strings.Contains(by, "debian.sh") || strings.Contains(by, "ADD file") {
			break
		}
		n, _ := strconv.ParseInt(size, 10, 64)
		sum += n
	}
	return sum
}

// signalContainer sends SIGTERM to the container's PID 1: Docker's client passes
// it on, and without an engine the process is that PID 1.
func signalContainer(t *testing.T, run *exec.Cmd) {
	t.Helper()
	if err := run.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}
