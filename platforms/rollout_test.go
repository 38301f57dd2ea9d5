//go:build rollout && linux

package platforms_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	corev1 "k8s.io/api/core/v1"
)

// inRollout names the application's folder in a test that runs in a network of its own.
const inRollout = "KIT_TEST_ROLLOUT"

// The generated compose file and the generated manifests are followed: their processes
// are started with their environment, commands, probes and grace periods, on networks of
// their own. Three web servers, a scheduler, PostgreSQL and Redis come up from nothing, are
// replaced by a release with one migration more and by the old release again, under load.
func TestRollout(t *testing.T) {
	if dir := os.Getenv(inRollout); dir != "" {
		follow(t, application{dir: dir})
		return
	}
	if os.Geteuid() != 0 {
		t.Fatal("this test makes networks, which needs root: sudo make test-rollout")
	}
	a := rolloutApplication(t)
	test := exec.Command("unshare", "--net", "--mount", os.Args[0], "-test.run=^TestRollout$", "-test.v")
	test.Env = append(os.Environ(), inRollout+"="+a.dir)
	out, err := test.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Error(err)
	}
}

func follow(t *testing.T, a application) {
	m := startMachines(t)
	secrets := filepath.Join(a.dir, ".env.test")
	var text strings.Builder
	env := filled(t, a)
	for name, value := range env {
		fmt.Fprintf(&text, "%s='%s'\n", name, value)
	}
	write(t, secrets, text.String())
	project, err := load(t, a.dir, cli.WithEnvFiles(secrets), cli.WithDotEnv)
	if err != nil {
		t.Fatal(err)
	}
	u := &compose{machines: m, t: t, a: a, project: project, up: map[string]bool{}}
	u.fleet = m.newFleet()
	u.start("web") // and what it needs, first
	database := func(name string) string {
		password := *project.Services["database"].Environment["POSTGRES_PASSWORD"]
		return "postgres://shop:" + password + "@database:5432/" + name + "?sslmode=disable"
	}
	t.Run("compose", func(t *testing.T) {
		web, scheduler := composeProcess(t, project.Services["web"]), composeProcess(t, project.Services["scheduler"])
		through(t, a, u.fleet, release{web: web, others: scheduler, healthy: func(c *container) {
			u.untilHealthy(c.machine, project.Services["web"], filepath.Join(a.dir, "release1"))
		}})
		u.ask("postgres", "-c", "CREATE DATABASE kubernetes OWNER shop")
	})
	t.Run("kubernetes", func(t *testing.T) {
		var c cluster
		c.apply(t, a, "deploy/kubernetes")
		var r release
		env["DATABASE_URL"], env["REDIS_URL"] = database("kubernetes"), *project.Services["web"].Environment["REDIS_URL"]
		for _, d := range c.deployments {
			p := c.process(t, d.Spec.Template.Spec.Containers[0], d.Spec.Template.Spec)
			for name, value := range p.env {
				if value == "(secret)" {
					p.env[name] = env[name]
				}
			}
			if p.role != "web" {
				r.others = p
				continue
			}
			r.web = p
			spec := d.Spec.Template.Spec.Containers[0]
			r.healthy = func(started *container) {
				probe(t, started, p.port, spec.StartupProbe)
				probe(t, started, p.port, spec.ReadinessProbe)
				go live(t, started, p.port, spec.LivenessProbe)
			}
		}
		if s := c.scalers[0].Spec; *s.MinReplicas > 3 || s.MaxReplicas < 3 {
			t.Errorf("the scaler does not allow three instances: %+v", s)
		}
		through(t, a, m.newFleet(), r)
	})
}

// through takes a release through its life, and looks at what the task wrote down.
func through(t *testing.T, a application, f *fleet, r release) {
	t.Helper()
	f.t = t
	r.binary = filepath.Join(a.dir, "release1")
	f.roll(r)
	f.load()
	r.binary = filepath.Join(a.dir, "release2")
	f.roll(r)
	run := func(args ...string) string {
		t.Helper()
		c := f.web[0].machine.command(t.Context(), r.binary, r.web.env, append([]string{"./app"}, args...)...)
		out, err := c.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	if out := run("migrate:status"); strings.Contains(out, "pending") || !strings.Contains(out, "m20260301_000000_more") {
		t.Errorf("after the update:\n%s", out)
	}
	r.binary = filepath.Join(a.dir, "release1")
	f.roll(r)
	f.end(r)
	history := run("schedule:history", "tick", "--limit", "100000", "--json")
	recorded := strings.Count(history, `"outcome": "ok"`)
	if lost := strings.Count(history, `"outcome"`) - recorded; lost > 0 || recorded < 15 {
		t.Errorf("of the task's runs, %d are well and %d are not", recorded, lost)
	}
	onceEach(t, history)
}

// onceEach fails the test when a second between the first run and the last one has none,
// or two.
func onceEach(t *testing.T, history string) {
	t.Helper()
	var first, last time.Time
	runs := map[time.Time]int{}
	for line := range strings.Lines(history) {
		_, due, ok := strings.Cut(line, `"due": "`)
		if !ok {
			continue
		}
		due, _, _ = strings.Cut(due, `"`)
		at, err := time.Parse(time.RFC3339, due)
		if err != nil {
			t.Fatal(err)
		}
		runs[at]++
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	for at := first; !at.After(last); at = at.Add(time.Second) {
		if runs[at] != 1 {
			t.Errorf("the task that was due at %s ran %d times", at, runs[at])
		}
	}
	t.Logf("%d runs of the task", len(runs))
}

// compose starts the services of a compose file.
type compose struct {
	*machines
	t       *testing.T
	a       application
	project *types.Project
	fleet   *fleet
	up      map[string]bool
	server  *container // PostgreSQL
	bin     string
}

// start starts what a service needs, in the order of depends_on, each when what it needs
// is healthy. The application's own services are left to the caller.
func (u *compose) start(name string) {
	u.t.Helper()
	s := u.project.Services[name]
	for needed, d := range s.DependsOn {
		if d.Condition != types.ServiceConditionHealthy {
			u.t.Fatalf("%s waits for %s to be %s", name, needed, d.Condition)
		}
		if !u.up[needed] {
			u.start(needed)
		}
	}
	u.up[name] = true
	switch name {
	case "database":
		u.startPostgres(s)
	case "redis":
		dir := u.t.TempDir()
		c := u.run(name, dir, variables(s), s.Command...)
		u.untilHealthy(c.machine, s, dir)
	}
}

func variables(s types.ServiceConfig) map[string]string {
	env := map[string]string{}
	for name, value := range s.Environment {
		env[name] = *value
	}
	return env
}

// startPostgres does what the image of PostgreSQL does, and waits until it is healthy.
func (u *compose) startPostgres(s types.ServiceConfig) {
	u.t.Helper()
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	if len(found) == 0 {
		u.t.Fatal("this test needs PostgreSQL; install it: apt-get install postgresql")
	}
	u.bin = found[len(found)-1]
	dir, err := os.MkdirTemp("", "kit-rollout-")
	if err != nil {
		u.t.Fatal(err)
	}
	u.t.Cleanup(func() { os.RemoveAll(dir) })
	runIn(u.t, "/", "chown", "postgres", dir)
	data := filepath.Join(dir, "data")
	as := []string{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"}
	runIn(u.t, dir, as[0], append(as[1:], u.bin+"/initdb", "-D", data, "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync")...)
	write(u.t, filepath.Join(data, "pg_hba.conf"), "local all all trust\nhost all all 0.0.0.0/0 scram-sha-256\n")
	c := u.run("database", dir, map[string]string{"HOME": dir}, append(as, u.bin+"/postgres", "-D", data, "-c", "listen_addresses=*", "-c", "fsync=off", "-k", dir)...)
	u.server = c
	env := variables(s)
	until(u.t, time.Minute, "PostgreSQL answers", 100*time.Millisecond, func() bool {
		return exec.Command(u.bin+"/pg_isready", "--quiet", "--host", dir).Run() == nil
	})
	u.ask("postgres", "-c", fmt.Sprintf("CREATE USER %s PASSWORD '%s'", env["POSTGRES_USER"], env["POSTGRES_PASSWORD"]), "-c", fmt.Sprintf("CREATE DATABASE %s OWNER %s", env["POSTGRES_DB"], env["POSTGRES_USER"]))
	u.untilHealthy(c.machine, s, dir)
}

// ask runs statements as the administrator.
func (u *compose) ask(database string, args ...string) {
	u.t.Helper()
	runIn(u.t, "/", u.bin+"/psql", append([]string{"--quiet", "--host", u.server.command.Dir, "--username", "postgres", "--dbname", database}, args...)...)
}

// untilHealthy runs the health check of a service, with its interval and its patience.
func (u *compose) untilHealthy(c machine, s types.ServiceConfig, dir string) {
	u.t.Helper()
	check := s.HealthCheck
	args := check.Test[1:]
	if check.Test[0] == "CMD-SHELL" {
		args = []string{"sh", "-c", check.Test[1]}
	}
	env := variables(s)
	if u.bin != "" {
		env["PATH"] = u.bin + ":" + os.Getenv("PATH")
	}
	var last []byte
	interval, patience := time.Duration(*check.StartInterval), time.Duration(*check.StartPeriod)
	for deadline := time.Now().Add(min(patience, 2*time.Minute)); ; time.Sleep(interval) {
		ctx, cancel := context.WithTimeout(u.t.Context(), time.Duration(*check.Timeout))
		command := c.command(ctx, dir, env, args...)
		var err error
		last, err = command.CombinedOutput()
		cancel()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			u.t.Fatalf("%s is not healthy: %s", s.Name, last)
		}
	}
}

// probe asks as Kubernetes does, until the answer is yes.
func probe(t *testing.T, c *container, port int, p *corev1.Probe) {
	t.Helper()
	failures := int(p.FailureThreshold)
	if p.HTTPGet.Path == "/_kit/ready" {
		failures = 120 // it may fail for ever; the Deployment's deadline counts
	}
	for range failures {
		if asked(c, port, p) {
			return
		}
		time.Sleep(time.Duration(max(p.PeriodSeconds, 1)) * time.Second)
	}
	t.Fatalf("the probe %s of %s fails", p.HTTPGet.Path, c.address)
}

func asked(c *container, port int, p *corev1.Probe) bool {
	client := &http.Client{Timeout: time.Duration(max(p.TimeoutSeconds, 1)) * time.Second}
	response, err := client.Get(fmt.Sprintf("http://%s:%d%s", c.address, port, p.HTTPGet.Path))
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode >= 200 && response.StatusCode < 400
}

// live asks for as long as the process is not told to stop; Kubernetes would start it anew
// when too many answers in a row are no.
func live(t *testing.T, c *container, port int, p *corev1.Probe) {
	for failed := 0; ; {
		select {
		case <-c.ended:
			return
		case <-time.After(time.Duration(p.PeriodSeconds) * time.Second):
		}
		if c.stopped.Load() {
			return
		}
		if failed++; asked(c, port, p) {
			failed = 0
		}
		if failed >= int(p.FailureThreshold) {
			t.Errorf("Kubernetes would start %s anew", c.address)
			return
		}
	}
}
