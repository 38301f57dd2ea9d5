package platforms_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/scaffold"
)

// readers turn the files of a platform into plain facts. They read strictly: a field that
// the platform does not have fails the test.
var readers = map[string]func(*testing.T, application) []process{
	"systemd":    readSystemd,
	"kubernetes": readKubernetes,
	"fly":        readFly, "render": readRender, "railway": readRailway, "heroku": readHeroku,
	"digitalocean": readDigitalOcean, "cloudrun": readCloudRun, "kamal": readKamal, "nomad": readNomad,
}

// Every file of every platform is one that the platform takes, and says what the
// application says.
func TestPlatforms(t *testing.T) {
	t.Parallel()
	applications := map[string]application{}
	for name, settings := range map[string]string{"sqlite": "", "mysql": "", "postgres": grown} {
		applications[name] = newApplication(t, name, settings)
	}
	for _, p := range scaffold.Platforms() {
		read, ok := readers[p.Name]
		if !ok {
			t.Errorf("nobody reads the files of %s", p.Name)
			continue
		}
		page, err := os.ReadFile(filepath.Join("..", "docs", "deploy", p.Name+".md"))
		for _, part := range []string{"kit deploy:init " + p.Name, "## From zero to running", "## Updating", "## Rolling back", "## Logs", "## Scheduler"} {
			if !strings.Contains(string(page), part) {
				t.Errorf("docs/deploy/%s.md has no %q (%v)", p.Name, part, err)
			}
		}
		variants := map[string]variant{
			"grown": {"postgres", p.Migrations[0], nil},
			"MySQL": {"mysql", p.Migrations[0], nil},
		}
		for _, way := range p.Migrations {
			variants["migrate "+way] = variant{"sqlite", way, []string{"--db", "postgres", "--migrate", way}}
		}
		if p.Disk {
			variants["SQLite"] = variant{"sqlite", scaffold.AtStart, nil}
		}
		for name, v := range variants {
			t.Run(p.Name+"/"+name, func(t *testing.T) {
				a := applications[v.application]
				for _, old := range []string{"deploy", ".env.production"} {
					if err := os.RemoveAll(filepath.Join(a.dir, old)); err != nil {
						t.Fatal(err)
					}
				}
				a.kit(t, append([]string{"deploy:init", p.Name, "--force", "--domain", "shop.example.org", "--image", "registry.example.org/me/shop"}, v.args...)...)
				checkPlatform(t, a, p, v, read(t, a))
			})
		}
	}
}

// variant is one way of writing a platform's files.
type variant struct {
	application, way string
	args             []string
}

func checkPlatform(t *testing.T, a application, p scaffold.Platform, v variant, processes []process) {
	t.Helper()
	i := slices.IndexFunc(processes, func(p process) bool { return p.role == "migrate" })
	if (i >= 0) != (v.way != scaffold.AtStart) {
		t.Errorf("migrating: %s, but the processes are %+v", v.way, processes)
	}
	if i >= 0 {
		if !slices.Equal(processes[i].command, []string{"migrate"}) {
			t.Errorf("the migrations are run by %v", processes[i].command)
		}
		checkEnvironment(t, a, processes[i])
		processes = slices.Delete(processes, i, i+1)
	}
	slices.SortFunc(processes, func(a, b process) int { return strings.Compare(b.role, a.role) })
	agree(t, a, processes)
	web := processes[0]
	if got := slices.Contains(web.command, "--no-migrate"); got != (v.way != scaffold.AtStart) {
		t.Errorf("migrating: %s, and web is %v", v.way, web.command)
	}
	for _, line := range strings.Split(a.read(t, ".env.production"), "\n") {
		if name, value, _ := strings.Cut(line, "="); !strings.HasPrefix(line, "#") && value != "" {
			for _, p := range processes {
				if p.env[name] == value {
					t.Errorf("the value of %s is in a file", name)
				}
			}
		}
	}
	if p.Delay > 0 && web.env["SHUTDOWN_DELAY"] == "0s" {
		t.Errorf("SHUTDOWN_DELAY=%s", web.env["SHUTDOWN_DELAY"])
	}
}
