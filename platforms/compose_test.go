package platforms_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// load reads a compose file as Docker does: with the schema, the variables, and what
// services say of each other.
func load(t *testing.T, dir string, options ...cli.ProjectOptionsFn) (*types.Project, error) {
	t.Helper()
	options = append([]cli.ProjectOptionsFn{cli.WithWorkingDirectory(dir), cli.WithConsistency(true)}, options...)
	o, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yaml")}, options...)
	if err != nil {
		t.Fatal(err)
	}
	return o.LoadProject(t.Context())
}

func TestCompose(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		database, settings string
		args, services     []string
	}{
		"a new application":      {"sqlite", "", nil, []string{"scheduler", "web"}},
		"PostgreSQL":             {"postgres", "", nil, []string{"database", "scheduler", "web"}},
		"PostgreSQL, not SQLite": {"sqlite", "", []string{"--db", "postgres"}, []string{"database", "scheduler", "web"}},
		"everything": {
			"mysql", grown,
			[]string{"--with-mailpit", "--with-minio"},
			[]string{"database", "mailpit", "minio", "redis", "scheduler", "web"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newApplication(t, tt.database, tt.settings)
			a.kit(t, append([]string{"docker:compose"}, tt.args...)...)
			fill(t, filepath.Join(a.dir, ".env.production"))
			project, err := load(t, a.dir, cli.WithEnvFiles(filepath.Join(a.dir, ".env.production")), cli.WithDotEnv)
			if err != nil {
				t.Fatalf("%v\n%s", err, a.read(t, "compose.yaml"))
			}
			if got := project.ServiceNames(); !slices.Equal(got, tt.services) {
				t.Errorf("services are %v, want %v", got, tt.services)
			}
			var processes []process
			for _, s := range project.Services {
				checkService(t, s)
				if s.Image == project.Services["web"].Image {
					processes = append(processes, composeProcess(t, s))
				}
			}
			slices.SortFunc(processes, func(a, b process) int { return strings.Compare(b.role, a.role) })
			agree(t, a, processes)
			checkSecrets(t, a, project)
		})
	}
}

// fill gives the variables that are left to the user a value.
func fill(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, strings.ReplaceAll(string(text)+"\n", "=\n", "=filled in\n"))
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%s may be read by others: %v", file, info.Mode())
	}
}

// checkService makes sure that a service tells whether it is healthy, waits for others
// to be, keeps what it keeps in a volume, and is not open to everybody.
func checkService(t *testing.T, s types.ServiceConfig) {
	t.Helper()
	if s.HealthCheck == nil || len(s.HealthCheck.Test) < 2 {
		t.Errorf("%s has no health check", s.Name)
	}
	for name, d := range s.DependsOn {
		if d.Condition != types.ServiceConditionHealthy || !d.Required {
			t.Errorf("%s waits for %s to be %s", s.Name, name, d.Condition)
		}
	}
	for _, p := range s.Ports {
		if p.HostIP != "127.0.0.1" {
			t.Errorf("%s is published at %s", s.Name, p.HostIP)
		}
	}
	if strings.HasSuffix(s.Image, ":latest") && s.Image != "shop:latest" {
		t.Errorf("%s has no version: %s", s.Name, s.Image)
	}
	for _, v := range s.Volumes {
		if v.Type != types.VolumeTypeVolume || v.Source == "" {
			t.Errorf("%s keeps %s outside of a volume: %+v", s.Name, v.Target, v)
		}
	}
}

func composeProcess(t *testing.T, s types.ServiceConfig) process {
	t.Helper()
	p := process{role: s.Name, env: map[string]string{}}
	if len(s.Command) == 0 || s.Command[0] != "./app" {
		t.Fatalf("%s: the command is %v", s.Name, s.Command)
	}
	p.command = s.Command[1:]
	for name, value := range s.Environment {
		p.env[name] = *value
	}
	for _, port := range s.Ports {
		p.port = int(port.Target)
	}
	if s.StopGracePeriod != nil {
		p.grace = time.Duration(*s.StopGracePeriod)
	}
	p.checks = append(p.checks, s.HealthCheck.Test[2:])
	if s.Name == "web" {
		p.patience = time.Duration(*s.HealthCheck.StartPeriod)
	}
	return p
}

// checkSecrets makes sure that the compose file has no secret, and that one that is
// missing is named.
func checkSecrets(t *testing.T, a application, project *types.Project) {
	t.Helper()
	text := a.read(t, "compose.yaml")
	secrets := strings.Split(strings.TrimSpace(a.read(t, ".env.production")), "\n")
	for _, line := range secrets {
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		if strings.Contains(text, value) {
			t.Errorf("the value of %s is in compose.yaml", name)
		}
		rest := slices.DeleteFunc(slices.Clone(secrets), func(other string) bool { return other == line })
		write(t, filepath.Join(a.dir, ".env.test"), strings.Join(rest, "\n"))
		_, err := load(t, a.dir, cli.WithEnvFiles(filepath.Join(a.dir, ".env.test")), cli.WithDotEnv)
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	web := project.Services["web"].Environment
	if value := web["GREETING"]; strings.Contains(a.read(t, ".env"), "GREETING") && *value != greeting {
		t.Errorf("GREETING is %q", *value)
	}
}
