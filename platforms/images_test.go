package platforms_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/digitalocean/godo"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsimple"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/api/run/v1"
)

// readDigitalOcean reads the specification with DigitalOcean's own types.
func readDigitalOcean(t *testing.T, a application) []process {
	t.Helper()
	spec := strict[godo.AppSpec](t, a.read(t, ".do/app.yaml"))
	env := map[string]string{}
	for _, v := range spec.Envs {
		env[v.Key] = v.Value
		switch {
		case v.Type == godo.AppVariableType_Secret && v.Value == "":
			env[v.Key] = "(secret)"
		case strings.HasPrefix(v.Value, "${database."):
			if len(spec.Databases) != 1 || spec.Databases[0].Name != "database" {
				t.Errorf("there is no database: %+v", spec.Databases)
			}
		}
	}
	web := spec.Services[0]
	limits := web.HealthCheck
	p := process{
		role: "web", command: command(t, web.RunCommand), env: env, port: int(web.HTTPPort),
		probes:   []string{limits.HTTPPath, web.LivenessHealthCheck.HTTPPath},
		grace:    time.Duration(web.Termination.GracePeriodSeconds) * time.Second,
		patience: time.Duration(limits.PeriodSeconds*limits.FailureThreshold) * time.Second,
	}
	if limits.FailureThreshold > 50 || limits.PeriodSeconds > 300 || p.grace > 600*time.Second || web.LivenessHealthCheck.HTTPPath != "/_kit/live" {
		t.Errorf("DigitalOcean does not allow %+v", limits)
	}
	processes := []process{p}
	for _, w := range spec.Workers {
		processes = append(processes, process{role: w.Name, command: command(t, w.RunCommand), env: env, grace: time.Duration(w.Termination.GracePeriodSeconds) * time.Second})
	}
	for _, j := range spec.Jobs {
		if j.Kind != godo.AppJobSpecKind_PreDeploy {
			t.Errorf("the migrations run at %s", j.Kind)
		}
		processes = append(processes, process{role: j.Name, command: command(t, j.RunCommand), env: env})
	}
	return processes
}

// readCloudRun reads the files with Google's own types.
func readCloudRun(t *testing.T, a application) []process {
	t.Helper()
	s := strict[run.Service](t, a.read(t, "deploy/cloudrun/service.yaml"))
	c := s.Spec.Template.Spec.Containers[0]
	web := cloudRunProcess(t, "web", c)
	web.port = int(c.Ports[0].ContainerPort)
	for _, probe := range []*run.Probe{c.StartupProbe, c.LivenessProbe} {
		web.probes = append(web.probes, probe.HttpGet.Path)
		if int(probe.HttpGet.Port) != web.port {
			t.Errorf("a probe asks port %d", probe.HttpGet.Port)
		}
	}
	web.patience = time.Duration(c.StartupProbe.PeriodSeconds*c.StartupProbe.FailureThreshold) * time.Second
	if web.patience > 240*time.Second || s.Kind != "Service" || s.ApiVersion != "serving.knative.dev/v1" {
		t.Errorf("Cloud Run does not allow %+v", s)
	}
	job := strict[run.Job](t, a.read(t, "deploy/cloudrun/migrate.yaml"))
	processes := []process{web, cloudRunProcess(t, "migrate", job.Spec.Template.Spec.Template.Spec.Containers[0])}
	if a.has("deploy/cloudrun/scheduler.yaml") {
		pool := strict[run.WorkerPool](t, a.read(t, "deploy/cloudrun/scheduler.yaml"))
		processes = append(processes, cloudRunProcess(t, "scheduler", pool.Spec.Template.Spec.Containers[0]))
	}
	return processes
}

func cloudRunProcess(t *testing.T, role string, c *run.Container) process {
	t.Helper()
	// Cloud Run kills after 10 s, whatever one would like.
	p := process{role: role, command: c.Args, env: map[string]string{}, grace: 10 * time.Second}
	if !slices.Equal(c.Command, []string{"./app"}) || c.Image != "registry.example.org/me/shop:v1" {
		t.Errorf("%s runs %v of %s", role, c.Command, c.Image)
	}
	for _, v := range c.Env {
		p.env[v.Name] = v.Value
		if v.ValueFrom != nil {
			p.env[v.Name] = "(secret)"
			if want := "shop-" + strings.ReplaceAll(strings.ToLower(v.Name), "_", "-"); v.ValueFrom.SecretKeyRef.Name != want {
				t.Errorf("%s is in the secret %s, not in %s", v.Name, v.ValueFrom.SecretKeyRef.Name, want)
			}
		}
	}
	return p
}

// kamalConfig has the fields of deploy.yml that are used, as kamal docs names them.
type kamalConfig struct {
	Service, Image string
	Servers        map[string]struct {
		Hosts   []string
		Cmd     string
		Options map[string]any
	}
	Proxy struct {
		Host        string
		SSL         bool
		AppPort     int `json:"app_port"`
		Healthcheck struct {
			Path              string
			Interval, Timeout int
		}
	}
	DeployTimeout int `json:"deploy_timeout"`
	DrainTimeout  int `json:"drain_timeout"`
	Registry      struct {
		Server             string
		Username, Password []string
	}
	Builder struct{ Arch string }
	Env     struct {
		Clear  map[string]string
		Secret []string
	}
	Volumes []string
}

func readKamal(t *testing.T, a application) []process {
	t.Helper()
	c := strict[kamalConfig](t, a.read(t, "config/deploy.yml"))
	if c.Registry.Server != "registry.example.org" || c.Image != "me/shop" || c.Proxy.Host != "shop.example.org" || !c.Proxy.SSL {
		t.Errorf("%+v", c)
	}
	secrets := a.read(t, ".kamal/secrets")
	env := merge(c.Env.Clear, nil)
	for _, name := range slices.Concat(c.Env.Secret, c.Registry.Username, c.Registry.Password) {
		env[name] = "(secret)"
		if !strings.Contains(secrets, "\n"+name+"=$"+name+"\n") {
			t.Errorf(".kamal/secrets does not name %s:\n%s", name, secrets)
		}
	}
	if sqlite := strings.HasPrefix(env["DATABASE_URL"], "sqlite:///app/data/"); sqlite != slices.Contains(c.Volumes, "shop-data:/app/data") {
		t.Errorf("the volumes are %v", c.Volumes)
	}
	var processes []process
	for role, s := range c.Servers {
		p := process{role: role, command: command(t, s.Cmd), env: env, grace: duration(t, fmt.Sprintf("%vs", s.Options["stop-timeout"]))}
		if role == "web" {
			p.port, p.probes, p.patience = c.Proxy.AppPort, []string{c.Proxy.Healthcheck.Path}, time.Duration(c.DeployTimeout)*time.Second
			if drain := time.Duration(c.DrainTimeout) * time.Second; drain < p.grace {
				t.Errorf("the proxy drains for %s only", drain)
			}
		} else {
			// The image's own check asks for a web server.
			p.checks = [][]string{command(t, s.Options["health-cmd"].(string))}
		}
		processes = append(processes, p)
	}
	return processes
}

// nomadFile has the blocks of a job that are used, as Nomad's job specification names
// them.
type nomadFile struct {
	Variables []struct {
		Name    string         `hcl:"name,label"`
		Type    hcl.Expression `hcl:"type"`
		Default string         `hcl:"default"`
	} `hcl:"variable,block"`
	Job struct {
		Name   string       `hcl:"name,label"`
		Type   string       `hcl:"type"`
		Update nomadUpdate  `hcl:"update,block"`
		Groups []nomadGroup `hcl:"group,block"`
	} `hcl:"job,block"`
}

type nomadUpdate struct {
	MaxParallel      int    `hcl:"max_parallel,optional"`
	Canary           int    `hcl:"canary,optional"`
	AutoPromote      bool   `hcl:"auto_promote,optional"`
	AutoRevert       bool   `hcl:"auto_revert,optional"`
	HealthCheck      string `hcl:"health_check"`
	MinHealthyTime   string `hcl:"min_healthy_time,optional"`
	HealthyDeadline  string `hcl:"healthy_deadline,optional"`
	ProgressDeadline string `hcl:"progress_deadline,optional"`
}

type nomadGroup struct {
	Name    string       `hcl:"name,label"`
	Count   int          `hcl:"count"`
	Update  *nomadUpdate `hcl:"update,block"`
	Network *struct {
		Port struct {
			Name string `hcl:"name,label"`
			To   int    `hcl:"to"`
		} `hcl:"port,block"`
	} `hcl:"network,block"`
	Service *struct {
		Name     string `hcl:"name"`
		Port     string `hcl:"port"`
		Provider string `hcl:"provider"`
		Check    struct {
			Type     string `hcl:"type"`
			Path     string `hcl:"path"`
			Interval string `hcl:"interval"`
			Timeout  string `hcl:"timeout"`
		} `hcl:"check,block"`
	} `hcl:"service,block"`
	Tasks []nomadTask `hcl:"task,block"`
}

type nomadTask struct {
	Name        string `hcl:"name,label"`
	Driver      string `hcl:"driver"`
	KillSignal  string `hcl:"kill_signal"`
	KillTimeout string `hcl:"kill_timeout"`
	Lifecycle   *struct {
		Hook    string `hcl:"hook"`
		Sidecar bool   `hcl:"sidecar"`
	} `hcl:"lifecycle,block"`
	Config struct {
		Image   string   `hcl:"image"`
		Command string   `hcl:"command"`
		Args    []string `hcl:"args"`
		Ports   []string `hcl:"ports,optional"`
	} `hcl:"config,block"`
	Env struct {
		Values map[string]string `hcl:",remain"`
	} `hcl:"env,block"`
	Template *struct {
		Destination string `hcl:"destination"`
		Env         bool   `hcl:"env"`
		Data        string `hcl:"data"`
	} `hcl:"template,block"`
	Resources struct {
		CPU       int `hcl:"cpu"`
		Memory    int `hcl:"memory"`
		MemoryMax int `hcl:"memory_max"`
	} `hcl:"resources,block"`
}

func readNomad(t *testing.T, a application) []process {
	t.Helper()
	var f nomadFile
	// What Nomad fills in when it starts the task.
	variables := map[string]cty.Value{
		"var": cty.ObjectVal(map[string]cty.Value{"tag": cty.StringVal("v1")}), "NOMAD_SECRETS_DIR": cty.StringVal("/secrets"), "string": cty.StringVal("string"),
	}
	text := a.read(t, "deploy/nomad/shop.nomad.hcl")
	if err := hclsimple.Decode("shop.hcl", []byte(text), &hcl.EvalContext{Variables: variables}, &f); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if healthy, progress := duration(t, f.Job.Update.HealthyDeadline), duration(t, f.Job.Update.ProgressDeadline); progress <= healthy {
		t.Errorf("Nomad wants progress_deadline %s above healthy_deadline %s", progress, healthy)
	}
	var processes []process
	for _, g := range f.Job.Groups {
		for _, task := range g.Tasks {
			p := process{role: task.Name, command: task.Config.Args, env: merge(task.Env.Values, nil), grace: duration(t, task.KillTimeout)}
			if task.Driver != "docker" || task.KillSignal != "SIGTERM" || task.Config.Command != "./app" || task.Config.Image != "registry.example.org/me/shop:v1" {
				t.Errorf("%+v", task)
			}
			for _, m := range regexp.MustCompile(`(?m)^([A-Z_]+)=\{\{ \.([A-Z_]+) \| toJSON \}\}$`).FindAllStringSubmatch(task.Template.Data, -1) {
				if p.env[m[1]] = "(secret)"; m[1] != m[2] {
					t.Errorf("%s is %s", m[1], m[2])
				}
			}
			switch {
			case task.Lifecycle != nil:
				if task.Lifecycle.Hook != "prestart" || task.Lifecycle.Sidecar || task.Name != "migrate" {
					t.Errorf("%+v", task.Lifecycle)
				}
			case task.Name == "web":
				p.port, p.probes = g.Network.Port.To, []string{g.Service.Check.Path}
				p.patience = duration(t, f.Job.Update.HealthyDeadline)
				if g.Service.Port != g.Network.Port.Name || !slices.Equal(task.Config.Ports, []string{g.Network.Port.Name}) {
					t.Errorf("the ports are %+v, %+v, %v", g.Network, g.Service, task.Config.Ports)
				}
			}
			processes = append(processes, p)
		}
	}
	return processes
}

// merge returns the variables of both.
func merge(a, b map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

func duration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
