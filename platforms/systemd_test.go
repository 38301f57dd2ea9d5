package platforms_test

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// readSystemd verifies the units with systemd, and Caddy's file with Caddy.
func readSystemd(t *testing.T, a application) []process {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("systemd is Linux's")
	}
	var processes []process
	for _, name := range []string{"shop", "shop-scheduler", "shop-migrate"} {
		file := "deploy/systemd/" + name + ".service"
		if !a.has(file) {
			continue
		}
		text := a.read(t, file)
		verify(t, name, text, a.read(t, "deploy/systemd/shop.socket"))
		p := unitProcess(t, a, text)
		p.role = map[string]string{"shop": "web", "shop-scheduler": "scheduler", "shop-migrate": "migrate"}[name]
		processes = append(processes, p)
	}
	if users := a.read(t, "deploy/systemd/shop.sysusers.conf"); !strings.Contains(users, "\nu shop - ") {
		t.Errorf("the user is not made:\n%s", users)
	}
	caddyfile := a.read(t, "deploy/systemd/Caddyfile")
	if caddy, err := exec.LookPath("caddy"); err != nil {
		t.Errorf("scripts/test-tools installs Caddy: %v", err)
	} else if out, err := exec.Command(caddy, "adapt", "--adapter", "caddyfile", "--config", filepath.Join(a.dir, "deploy/systemd/Caddyfile")).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	web := &processes[0]
	if socket := a.read(t, "deploy/systemd/shop.socket"); !strings.Contains(socket, "\nListenStream=127.0.0.1:"+web.env["SERVER_PORT"]+"\n") {
		t.Errorf("the socket is not at SERVER_PORT=%s:\n%s", web.env["SERVER_PORT"], socket)
	}
	upstream := regexp.MustCompile(`reverse_proxy 127\.0\.0\.1:(\d+) `).FindStringSubmatch(caddyfile)
	probe := regexp.MustCompile(`health_uri (\S+)`).FindStringSubmatch(caddyfile)
	if upstream == nil || probe == nil || !strings.Contains(caddyfile, "\nshop.example.org {") {
		t.Fatalf("Caddy leads nowhere:\n%s", caddyfile)
	}
	web.port, _ = strconv.Atoi(upstream[1])
	web.probes = append(web.probes, probe[1])
	return processes
}

// verify asks systemd whether the unit is right, with its socket, and how much it could
// do.
func verify(t *testing.T, name, text, socket string) {
	t.Helper()
	// The binary is not there; the rest is as on a server.
	text = strings.ReplaceAll(text, "/opt/shop/current/shop", "/bin/true")
	file := filepath.Join(t.TempDir(), name+".service")
	write(t, file, text)
	args := []string{"verify", "--man=no", "--recursive-errors=no", file}
	if name == "shop" { // whose socket it is
		args = append(args, filepath.Join(filepath.Dir(file), "shop.socket"))
		write(t, args[len(args)-1], socket)
	}
	out, err := exec.Command("systemd-analyze", args...).CombinedOutput()
	if err != nil || strings.Contains(string(out), name+".service") || strings.Contains(string(out), "shop.socket") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	out, err = exec.Command("systemd-analyze", "security", "--offline=yes", "--no-pager", "--threshold=20", file).CombinedOutput()
	if err != nil {
		t.Errorf("the unit could do more than it needs: %v\n%s", err, out)
	}
}

func unitProcess(t *testing.T, a application, text string) process {
	t.Helper()
	var p process
	var files []string
	var kind, reload string
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "ExecStart":
			words := strings.Fields(value)
			if words[0] != "/opt/shop/current/shop" {
				t.Errorf("the binary is %s", words[0])
			}
			p.command = words[1:]
		case "Type":
			kind = value
		case "ExecReload":
			reload = value
		case "EnvironmentFile":
			files = append(files, value)
		case "TimeoutStopSec":
			var err error
			if p.grace, err = time.ParseDuration(value); err != nil {
				t.Error(err)
			}
		case "KillSignal":
			if value != "SIGTERM" {
				t.Errorf("KillSignal=%s", value)
			}
		}
	}
	// Only a web server tells when it is ready, and which process took over.
	if serves := p.command[0] == "serve"; serves != (kind == "notify") || serves != (reload == "/opt/shop/current/shop reload --environment") {
		t.Errorf("%v: Type=%s, ExecReload=%s", p.command, kind, reload)
	}
	if help := a.run(t, "reload", "--help"); !strings.Contains(help, "--environment") {
		t.Errorf("reload has no --environment:\n%s", help)
	}
	// Later files win: nothing in the settings stands above a secret.
	if !slices.Equal(files, []string{"/etc/shop/settings", "/etc/shop/env"}) {
		t.Errorf("the variables are in %v", files)
	}
	p.env = a.environment(t, "deploy/systemd/settings.env")
	return p
}
