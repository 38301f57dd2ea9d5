package platforms_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// process is what a platform's file says of one role, whatever the platform.
type process struct {
	role    string
	command []string // arguments of the binary; none is serve
	env     map[string]string
	port    int           // to which the platform sends requests; 0 for none
	grace   time.Duration // between SIGTERM and SIGKILL
	// probes are the paths that the platform asks, checks the commands that it runs.
	probes []string
	checks [][]string
	// blind says that the platform looks at nothing but the process.
	blind bool
	// patience is how long the platform waits for a start; 0 if it never gives up.
	patience time.Duration
}

// agree compares what a platform's files say with what the application says.
func agree(t *testing.T, a application, processes []process) {
	t.Helper()
	d := a.about.Deployment
	var roles []string
	for _, p := range processes {
		roles = append(roles, p.role)
		checkCommand(t, a, p)
		checkShutdown(t, p)
		checkEnvironment(t, a, p)
		checkSettings(t, a, p)
		for _, path := range p.probes {
			if path, _, _ := strings.Cut(path, "?"); !slices.Contains([]string{d.Health, d.Live, d.Ready}, path) {
				t.Errorf("%s: the probe asks %s, which is none of the application's", p.role, path)
			}
		}
		start := a.about.startTimeout()
		if lock, err := time.ParseDuration(p.env["MIGRATE_LOCK_TIMEOUT"]); err == nil {
			start = lock + time.Duration(d.ConnectTimeout)*time.Millisecond
		}
		if slices.Contains(p.command, "--no-migrate") {
			start = time.Duration(d.ConnectTimeout) * time.Millisecond
		}
		if p.patience > 0 && p.patience < start {
			t.Errorf("%s: the platform waits %s for a start, which may take %s", p.role, p.patience, start)
		}
		if p.role != "web" {
			if p.port != 0 {
				t.Errorf("%s: has the port %d", p.role, p.port)
			}
			continue
		}
		if p.port != d.Port {
			t.Errorf("web: requests go to port %d, the application listens at %d", p.port, d.Port)
		}
		if len(p.probes)+len(p.checks) == 0 && !p.blind {
			t.Error("web: nobody asks whether it is healthy")
		}
	}
	want := []string{"web"}
	if !slices.Contains(flags(processes[0].command), "--with=schedule") {
		for _, r := range d.Roles[1:] {
			want = append(want, r.Name)
		}
	}
	if slices.Sort(roles); !slices.Equal(roles, slices.Sorted(slices.Values(want))) {
		t.Errorf("the processes are %v, want %v", roles, want)
	}
}

// checkCommand makes sure that the command is one of the role's, and the flags exist.
func checkCommand(t *testing.T, a application, p process) {
	t.Helper()
	for _, r := range a.about.Deployment.Roles {
		if r.Name != p.role {
			continue
		}
		if len(p.command) > 0 && p.command[0] != r.Command[0] || len(p.command) == 0 && p.role != "web" {
			t.Errorf("%s: the command is %v, the application's is %v", p.role, p.command, r.Command)
		}
		for _, check := range p.checks {
			if !slices.Equal(check, r.Check) {
				t.Errorf("%s: the check is %v, the application's is %v", p.role, check, r.Check)
			}
		}
	}
	if len(p.command) == 0 {
		return
	}
	help := a.run(t, p.command[0], "--help")
	for _, flag := range flags(p.command) {
		if name, _, _ := strings.Cut(flag, "="); !strings.Contains(help, name) {
			t.Errorf("%s: the application's %s has no flag %s", p.role, p.command[0], name)
		}
	}
}

func flags(command []string) []string {
	return slices.DeleteFunc(slices.Clone(command), func(arg string) bool { return !strings.HasPrefix(arg, "--") })
}

// checkShutdown makes sure that the platform waits longer than the application takes.
func checkShutdown(t *testing.T, p process) {
	t.Helper()
	delay, err1 := time.ParseDuration(p.env["SHUTDOWN_DELAY"])
	timeout, err2 := time.ParseDuration(p.env["SHUTDOWN_TIMEOUT"])
	if err1 != nil || err2 != nil || timeout <= 0 {
		t.Errorf("%s: SHUTDOWN_DELAY=%q SHUTDOWN_TIMEOUT=%q", p.role, p.env["SHUTDOWN_DELAY"], p.env["SHUTDOWN_TIMEOUT"])
	}
	if p.grace <= delay+timeout {
		t.Errorf("%s: the platform kills after %s, the application takes up to %s", p.role, p.grace, delay+timeout)
	}
}

// checkEnvironment makes sure that the process gets every variable that it cannot do
// without, at the port that the platform sends requests to, and no value of development.
func checkEnvironment(t *testing.T, a application, p process) {
	t.Helper()
	if p.env["APP_ENV"] != "production" {
		t.Errorf("%s: APP_ENV=%s", p.role, p.env["APP_ENV"])
	}
	if port := listensAt(p.env); p.role == "web" && port != strconv.Itoa(p.port) {
		t.Errorf("web: listens at %s, requests go to %d", port, p.port)
	}
	names := slices.Sorted(maps.Keys(p.env))
	for _, v := range a.about.Variables {
		if v.Required && !slices.Contains(names, v.Name) {
			t.Errorf("%s: does not get %s: %v", p.role, v.Name, names)
		}
		if v.Name == "APP_KEY" && v.Value != "" && !slices.Contains(names, v.Name) {
			t.Errorf("%s: does not get %s", p.role, v.Name)
		}
	}
	for name, value := range p.env {
		if value == "development" || strings.Contains(value, "hush") || strings.Contains(value, "***") {
			t.Errorf("%s: %s=%s", p.role, name, value)
		}
	}
}

// checkSettings gives the process's variables to the application, and asks it what it
// makes of them.
func checkSettings(t *testing.T, a application, p process) {
	t.Helper()
	c := exec.CommandContext(t.Context(), filepath.Join(a.dir, "app"), "about", "--json")
	c.Dir = t.TempDir()
	c.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range p.env {
		known, isKnown := map[string]string{
			"DATABASE_URL": "postgres://shop:secret@database/shop", "REDIS_URL": "redis://redis:6379/0",
			"APP_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		}[name]
		if isKnown && !strings.HasPrefix(value, "sqlite:") {
			value = known
		}
		c.Env = append(c.Env, name+"="+value)
	}
	out, err := c.Output()
	var got about
	if jsonErr := json.Unmarshal(out, &got); err != nil || jsonErr != nil {
		t.Errorf("%s: the application does not take its variables %v: %v\n%.600s", p.role, c.Env, err, out)
		return
	}
	d := got.Deployment
	if p.role == "web" && d.Port != p.port {
		t.Errorf("web: listens at %d, requests go to %d", d.Port, p.port)
	}
	if took := time.Duration(d.ShutdownDelay+d.ShutdownTimeout) * time.Millisecond; p.grace <= took {
		t.Errorf("%s: the platform kills after %s, the application takes up to %s", p.role, p.grace, took)
	}
	for _, v := range got.Variables {
		if v.Name == "APP_ENV" && v.Value != "production" || v.Name == "GREETING" && v.Value != "" && v.Value != greeting {
			t.Errorf("%s: %s is %q", p.role, v.Name, v.Value)
		}
	}
}

// listensAt is the port at which an application with these variables listens.
func listensAt(env map[string]string) string {
	if port := env["SERVER_PORT"]; port != "" {
		return port
	}
	return env["PORT"]
}
