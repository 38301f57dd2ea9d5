package platforms_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// command splits a command line that begins with the image's binary.
func command(t *testing.T, line string) []string {
	t.Helper()
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "./app" {
		t.Fatalf("the command is %q", line)
	}
	return words[1:]
}

// flyConfig has the fields of fly.toml that are used, as https://fly.io/docs/reference/configuration
// names them.
type flyConfig struct {
	App           string            `toml:"app"`
	PrimaryRegion string            `toml:"primary_region"`
	KillSignal    string            `toml:"kill_signal"`
	KillTimeout   string            `toml:"kill_timeout"`
	Env           map[string]string `toml:"env"`
	Processes     map[string]string `toml:"processes"`
	Build         struct {
		Dockerfile string `toml:"dockerfile"`
	} `toml:"build"`
	Deploy struct {
		Strategy              string `toml:"strategy"`
		WaitTimeout           string `toml:"wait_timeout"`
		ReleaseCommand        string `toml:"release_command"`
		ReleaseCommandTimeout string `toml:"release_command_timeout"`
	} `toml:"deploy"`
	HTTPService struct {
		Processes         []string `toml:"processes"`
		InternalPort      int      `toml:"internal_port"`
		ForceHTTPS        bool     `toml:"force_https"`
		AutoStopMachines  string   `toml:"auto_stop_machines"`
		AutoStartMachines bool     `toml:"auto_start_machines"`
		Checks            []struct {
			Method      string `toml:"method"`
			Path        string `toml:"path"`
			Interval    string `toml:"interval"`
			Timeout     string `toml:"timeout"`
			GracePeriod string `toml:"grace_period"`
		} `toml:"checks"`
	} `toml:"http_service"`
	Mounts *struct {
		Source      string   `toml:"source"`
		Destination string   `toml:"destination"`
		Processes   []string `toml:"processes"`
	} `toml:"mounts"`
	VM []struct {
		Size   string `toml:"size"`
		Memory string `toml:"memory"`
	} `toml:"vm"`
}

func readFly(t *testing.T, a application) []process {
	t.Helper()
	var c flyConfig
	if err := toml.NewDecoder(strings.NewReader(a.read(t, "fly.toml"))).DisallowUnknownFields().Decode(&c); err != nil {
		t.Fatal(err)
	}
	if c.KillSignal != "SIGTERM" || c.Build.Dockerfile != "Dockerfile" || !c.HTTPService.ForceHTTPS || c.HTTPService.AutoStopMachines != "off" ||
		!slices.Equal(c.HTTPService.Processes, []string{"web"}) || len(c.VM) != 1 {
		t.Errorf("%+v", c)
	}
	if sqlite := strings.HasPrefix(c.Env["DATABASE_URL"], "sqlite:///app/data/"); sqlite != (c.Mounts != nil) || sqlite && (c.Mounts.Destination != "/app/data" || len(c.Processes) != 1) {
		t.Errorf("the disk: %+v", c)
	}
	env := merge(a.secrets(t), c.Env)
	grace := duration(t, c.KillTimeout)
	if grace > 5*time.Minute {
		t.Errorf("kill_timeout = %s, of which Fly allows 5 minutes", grace)
	}
	var processes []process
	for role, line := range c.Processes {
		p := process{role: role, command: command(t, line), env: env, grace: grace}
		if role == "web" {
			p.port, p.patience = c.HTTPService.InternalPort, duration(t, c.Deploy.WaitTimeout)
			p.probes = []string{c.HTTPService.Checks[0].Path}
		}
		processes = append(processes, p)
	}
	if line := c.Deploy.ReleaseCommand; line != "" {
		processes = append(processes, process{role: "migrate", command: command(t, line), env: env})
	}
	return processes
}

// renderBlueprint has the fields of render.yaml that are used, as
// https://render.com/docs/blueprint-spec names them.
type renderBlueprint struct {
	Services  []renderService
	Databases []struct {
		Name, DatabaseName, User, Plan, PostgresMajorVersion string
		IPAllowList                                          []string `json:"ipAllowList"`
	}
}

type renderService struct {
	Type, Name, Runtime, Plan, DockerfilePath, DockerCommand, PreDeployCommand, HealthCheckPath string
	MaxShutdownDelaySeconds, NumInstances                                                       int
	Domains                                                                                     []string
	IPAllowList                                                                                 *[]string `json:"ipAllowList"`
	EnvVars                                                                                     []struct {
		Key          string
		Value        *string
		Sync         *bool
		FromDatabase *struct{ Name, Property string }
		FromService  *struct{ Type, Name, Property, EnvVarKey string }
	}
}

func readRender(t *testing.T, a application) []process {
	t.Helper()
	b := strict[renderBlueprint](t, a.read(t, "render.yaml"))
	var processes []process
	for _, s := range b.Services {
		if s.Type == "keyvalue" {
			if s.IPAllowList == nil {
				t.Error("Redis is open to everybody, or the blueprint is refused")
			}
			continue
		}
		if s.Runtime != "docker" || s.DockerfilePath != "./Dockerfile" {
			t.Errorf("%+v", s)
		}
		p := process{role: s.Type, command: command(t, s.DockerCommand), env: map[string]string{}, grace: time.Duration(s.MaxShutdownDelaySeconds) * time.Second}
		if s.Type == "worker" {
			p.role = strings.TrimPrefix(s.Name, "shop-")
		}
		for _, v := range s.EnvVars {
			switch {
			case v.Value != nil:
				p.env[v.Key] = *v.Value
			case v.FromDatabase != nil && b.has(v.FromDatabase.Name), v.FromService != nil && b.has(v.FromService.Name), v.Sync != nil && !*v.Sync:
				p.env[v.Key] = "(secret)"
			default:
				t.Errorf("%s comes from nowhere", v.Key)
			}
		}
		if s.Type == "web" {
			p.probes = []string{s.HealthCheckPath}
			p.patience = 15 * time.Minute // Render's own limit
			for _, v := range s.EnvVars {
				if v.Key == "PORT" {
					p.port = number(t, *v.Value)
				}
			}
			if !slices.Equal(s.Domains, []string{"shop.example.org"}) {
				t.Errorf("the domains are %v", s.Domains)
			}
		}
		if s.PreDeployCommand != "" {
			processes = append(processes, process{role: "migrate", command: command(t, s.PreDeployCommand), env: p.env})
		}
		processes = append(processes, p)
	}
	return processes
}

// has reports whether a service or a database has the name.
func (b renderBlueprint) has(name string) bool {
	for _, s := range b.Services {
		if s.Name == name {
			return true
		}
	}
	for _, d := range b.Databases {
		if d.Name == name {
			return true
		}
	}
	return false
}

// railwayConfig has the fields of https://railway.com/railway.schema.json that are used.
type railwayConfig struct {
	Schema string `json:"$schema"`
	Build  struct {
		Builder        string `json:"builder"`
		DockerfilePath string `json:"dockerfilePath"`
	} `json:"build"`
	Deploy struct {
		StartCommand            string   `json:"startCommand"`
		PreDeployCommand        []string `json:"preDeployCommand"`
		RequiredMountPath       string   `json:"requiredMountPath"`
		HealthcheckPath         string   `json:"healthcheckPath"`
		HealthcheckTimeout      int      `json:"healthcheckTimeout"`
		RestartPolicyType       string   `json:"restartPolicyType"`
		RestartPolicyMaxRetries int      `json:"restartPolicyMaxRetries"`
		OverlapSeconds          int      `json:"overlapSeconds"`
		DrainingSeconds         int      `json:"drainingSeconds"`
	} `json:"deploy"`
}

func readRailway(t *testing.T, a application) []process {
	t.Helper()
	env := a.environment(t, "deploy/railway/settings.env")
	var processes []process
	for _, role := range []string{"web", "scheduler"} {
		file := "deploy/railway/" + role + ".json"
		if !a.has(file) {
			continue
		}
		var c railwayConfig
		decodeJSON(t, a.read(t, file), &c)
		if c.Build.Builder != "DOCKERFILE" || c.Build.DockerfilePath != "Dockerfile" || c.Deploy.RestartPolicyType != "ON_FAILURE" {
			t.Errorf("%+v", c)
		}
		p := process{role: role, command: command(t, c.Deploy.StartCommand), env: env, grace: time.Duration(c.Deploy.DrainingSeconds) * time.Second}
		if role == "web" {
			p.port = number(t, env["PORT"])
			p.probes = []string{c.Deploy.HealthcheckPath}
			p.patience = time.Duration(c.Deploy.HealthcheckTimeout) * time.Second
			// Two instances would not share a disk.
			if sqlite := strings.HasPrefix(env["DATABASE_URL"], "sqlite:"); sqlite != (c.Deploy.RequiredMountPath == "/app/data") || sqlite != (c.Deploy.OverlapSeconds == 0) {
				t.Errorf("%+v", c.Deploy)
			}
		}
		if len(c.Deploy.PreDeployCommand) > 0 {
			processes = append(processes, process{role: "migrate", command: command(t, c.Deploy.PreDeployCommand[0]), env: env})
		}
		processes = append(processes, p)
	}
	return processes
}

// herokuManifest has the fields of heroku.yml that are used; run is a line or a struct.
type herokuManifest struct {
	Setup *struct {
		Addons []struct{ Plan, As string }
	}
	Build   struct{ Docker map[string]string }
	Release *struct {
		Image   string
		Command []string
	}
	Run map[string]any
}

func readHeroku(t *testing.T, a application) []process {
	t.Helper()
	m := strict[herokuManifest](t, a.read(t, "heroku.yml"))
	var app struct {
		Name      string   `json:"name"`
		Stack     string   `json:"stack"`
		Addons    []string `json:"addons"`
		Formation map[string]struct {
			Quantity int    `json:"quantity"`
			Size     string `json:"size"`
		} `json:"formation"`
		Env map[string]struct {
			Value       string `json:"value"`
			Description string `json:"description"`
			Required    *bool  `json:"required"`
		} `json:"env"`
	}
	decodeJSON(t, a.read(t, "app.json"), &app)
	env := map[string]string{}
	for name, v := range app.Env {
		if env[name] = v.Value; v.Required != nil {
			env[name] = "(secret)"
		}
	}
	if slices.Contains(app.Addons, "heroku-postgresql") && m.Setup != nil && m.Setup.Addons[0].As == "DATABASE" {
		env["DATABASE_URL"] = "(secret)"
	}
	if app.Stack != "container" || m.Build.Docker["web"] != "Dockerfile" || len(app.Formation) != len(m.Run) || env["SERVER_PORT"] != "" {
		t.Errorf("%+v %+v", m, app)
	}
	var processes []process
	for role, run := range m.Run {
		// Heroku kills after 30 s, whatever one would like.
		p := process{role: role, env: merge(env, nil), grace: 30 * time.Second, blind: true}
		if role == "web" {
			line, ok := strings.CutPrefix(run.(string), "exec env SERVER_PORT=$PORT ")
			if !ok {
				t.Errorf("web does not listen where Heroku says: %s", run)
			}
			p.command, p.port, p.env["SERVER_PORT"] = command(t, line), a.about.Deployment.Port, itoa(a.about.Deployment.Port)
		} else {
			fields := run.(map[string]any)
			line := fields["command"].([]any)[0].(string)
			if fields["image"] != "web" {
				t.Errorf("%s runs the image %v", role, fields["image"])
			}
			p.command = command(t, strings.TrimPrefix(line, "exec "))
		}
		processes = append(processes, p)
	}
	if m.Release != nil {
		if m.Release.Image != "web" {
			t.Errorf("%+v", m.Release)
		}
		processes = append(processes, process{role: "migrate", command: command(t, m.Release.Command[0]), env: env})
	}
	return processes
}

func decodeJSON(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
}
