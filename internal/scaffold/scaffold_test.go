package scaffold_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/scaffold"
)

func newApp(t *testing.T, database string) map[string]string {
	t.Helper()
	files, err := scaffold.NewApp(scaffold.App{
		Name: "my-shop", Module: "example.com/my-shop", Database: database,
		Kit: scaffold.Kit{Version: "v1.2.3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents(files)
}

func contents(files []scaffold.File) map[string]string {
	m := make(map[string]string)
	for _, f := range files {
		m[f.Path] = string(f.Content)
	}
	return m
}

func TestNewAppHasTheFilesOfAnApplication(t *testing.T) {
	t.Parallel()
	files := newApp(t, scaffold.SQLite)
	for _, name := range []string{
		".env", ".env.example", ".gitattributes", ".gitignore", "Makefile", "README.md", "AGENTS.md", "llms.txt", "go.mod",
		"main.go", "config.go", "routes.go", "schedule.go", "main_test.go",
		"controllers/home.go", "models/heartbeat.go", "tasks/heartbeat.go", "tasks/heartbeat_test.go",
		"seeders/seeders.go", "migrations/migrations.go", "migrations/m20260101_000000_create_heartbeats_table.go",
		"frontend/frontend.go", "frontend/package.json", "frontend/package-lock.json",
		"frontend/dist/.gitkeep", "frontend/src/app.tsx", "frontend/src/pages/Home.tsx", "frontend/public/favicon.svg", "frontend/public/favicon.ico",
	} {
		if _, ok := files[name]; !ok {
			t.Errorf("no %s", name)
		}
	}
	for name, content := range files {
		if strings.HasSuffix(name, ".tmpl") || strings.Contains(content, "[[.") || strings.Contains(content, "<no value>") {
			t.Errorf("%s was not rendered:\n%s", name, content)
		}
		if path.Ext(name) == ".go" {
			if _, err := parser.ParseFile(token.NewFileSet(), name, content, parser.AllErrors); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestNewAppNamesTheDatabase(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		scaffold.SQLite:   "DATABASE_URL=sqlite://database/my_shop.db\n",
		scaffold.Postgres: "DATABASE_URL=postgres://localhost:5432/my_shop\n",
		scaffold.MySQL:    "DATABASE_URL=mysql://root@127.0.0.1:3306/my_shop\n",
	}
	for database, want := range tests {
		files := newApp(t, database)
		for _, name := range []string{".env", ".env.example"} {
			if !strings.Contains(files[name], want) || !strings.Contains(files[name], `APP_NAME="My Shop"`) {
				t.Errorf("%s for %s:\n%s", name, database, files[name])
			}
		}
	}
}

func TestGoModRequiresTheFramework(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kit  scaffold.Kit
		want string
	}{
		"a published version": {
			scaffold.Kit{Version: "v1.2.3"},
			"module shop\n\ngo 1.26\n\nrequire github.com/kitgo/kit v1.2.3\n",
		},
		"a checkout": {
			scaffold.Kit{Version: "v0.0.0", Dir: "/src/kit"},
			"module shop\n\ngo 1.26\n\nrequire github.com/kitgo/kit v0.0.0\n\nreplace github.com/kitgo/kit => /src/kit\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, err := scaffold.NewApp(scaffold.App{Name: "shop", Module: "shop", Database: scaffold.SQLite, Kit: tt.kit})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, contents(files)["go.mod"]); diff != "" {
				t.Errorf("go.mod (-want +got):\n%s", diff)
			}
		})
	}
}

// npm has its lock file from the start; the others write theirs at the first build, and
// until then package.json says which one it is.
func TestNewAppNamesThePackageManager(t *testing.T) {
	t.Parallel()
	for manager, want := range map[string]struct{ field, add, needs string }{
		"":            {"", "`npm install NAME` in `frontend/`; `frontend/package-lock.json`", "20.19 or newer.\n"},
		scaffold.NPM:  {"", "`npm install NAME` in `frontend/`; `frontend/package-lock.json`", "20.19 or newer.\n"},
		scaffold.PNPM: {`"packageManager": "pnpm@1.2.3",`, "`pnpm add NAME` in `frontend/`; `frontend/pnpm-lock.yaml`", "with pnpm (`npm install --global pnpm`)"},
		scaffold.Bun:  {`"packageManager": "bun@1.2.3",`, "`bun add NAME` in `frontend/`; `frontend/bun.lock`", "with bun (`npm install --global bun`)"},
	} {
		files, err := scaffold.NewApp(scaffold.App{
			Name: "shop", Module: "shop", Database: scaffold.SQLite, Kit: scaffold.Kit{Version: "v1.2.3"},
			PackageManager: manager, PackageManagerVersion: "1.2.3",
		})
		if err != nil {
			t.Fatal(err)
		}
		app := contents(files)
		var named struct{ PackageManager string }
		if err := json.Unmarshal([]byte(app["frontend/package.json"]), &named); err != nil {
			t.Errorf("package.json with %q: %v", manager, err)
		}
		if _, shipped := app["frontend/package-lock.json"]; shipped != (want.field == "") {
			t.Errorf("with %q there is a package-lock.json: %v", manager, shipped)
		}
		if has := named.PackageManager != ""; has != (want.field != "") || !strings.Contains(app["frontend/package.json"], want.field) {
			t.Errorf("package.json with %q:\n%s", manager, app["frontend/package.json"])
		}
		if !strings.Contains(app["AGENTS.md"], want.add) || !strings.Contains(app["README.md"], want.needs) {
			t.Errorf("AGENTS.md and README.md with %q:\n%s\n%s", manager, app["AGENTS.md"], app["README.md"])
		}
	}
}

// Secrets and what a build makes must not be committed; what Go embeds must be.
func TestGitignore(t *testing.T) {
	t.Parallel()
	lines := strings.Split(newApp(t, scaffold.SQLite)[".gitignore"], "\n")
	for _, want := range []string{".env", ".env.production", "*.db", "node_modules/", "/my-shop", "/frontend/dist/*", "!/frontend/dist/.gitkeep"} {
		if !slices.Contains(lines, want) {
			t.Errorf(".gitignore has no line %s", want)
		}
	}
	if slices.Contains(lines, "go.sum") || slices.Contains(lines, "package-lock.json") {
		t.Error(".gitignore names a lock file")
	}
}

// The steps that install packages and compile the framework come before the code is
// copied, so that a change of code does not do it again.
func TestDockerfileLayers(t *testing.T) {
	t.Parallel()
	for _, vendored := range []bool{false, true} {
		files, err := scaffold.NewDocker(scaffold.Docker{Binary: "shop", Port: 8080, Vendored: vendored})
		if err != nil {
			t.Fatal(err)
		}
		dockerfile := contents(files)["Dockerfile"]
		at := -1
		for _, step := range []string{
			"COPY frontend/package.json frontend/package-lock.json", "RUN npm ci", "COPY frontend/ ./", "RUN npm run build",
			"COPY go.mod go.sum", "RUN go mod download", "-trimpath -buildvcs=false github.com/kitgo/kit\n", "COPY . .", "COPY --from=frontend", "go build -trimpath -buildvcs=false \\\n", "FROM debian:bookworm-slim\n", "USER 10001:10001\n", "HEALTHCHECK", "CMD [\"./app\"]\n",
		} {
			next := strings.Index(dockerfile, step)
			if next <= at {
				t.Errorf("vendored %v: %q is missing or too early in:\n%s", vendored, step, dockerfile)
			}
			at = next
		}
		if got := strings.Count(dockerfile, "go mod edit -replace github.com/kitgo/kit=./.kit"); got != map[bool]int{true: 2, false: 0}[vendored] {
			t.Errorf("vendored %v: .kit is named %d times in:\n%s", vendored, got, dockerfile)
		}
		if ignore := contents(files)[".dockerignore"]; !strings.Contains(ignore, "\n.env\n.env.*\n") || !strings.Contains(ignore, "\n/shop\n") || strings.Contains(ignore, ".kit") {
			t.Errorf(".dockerignore:\n%s", ignore)
		}
	}
}

// An image installs the package manager that the application names, and then what its lock
// file says.
func TestDockerfileOfPackageManagers(t *testing.T) {
	t.Parallel()
	for manager, want := range map[string]string{
		scaffold.NPM: `WORKDIR /src/frontend
# Packages are installed anew only when these files change.
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci
COPY frontend/ ./
RUN npm run build
`,
		scaffold.PNPM: `RUN npm install --global pnpm@1.2.3
WORKDIR /src/frontend
# Packages are installed anew only when these files change.
COPY frontend/package.json frontend/pnpm-*.yaml ./
RUN pnpm install --frozen-lockfile
COPY frontend/ ./
RUN pnpm run build
`,
		scaffold.Bun: `RUN npm install --global bun@1.2.3
WORKDIR /src/frontend
# Packages are installed anew only when these files change.
COPY frontend/package.json frontend/bun.lockb ./
RUN bun install --frozen-lockfile
COPY frontend/ ./
RUN bun run build
`,
	} {
		d := scaffold.Docker{Binary: "shop", Port: 8080, PackageManager: manager, PackageManagerVersion: "1.2.3"}
		if manager == scaffold.Bun {
			d.Lock = "bun.lockb"
		}
		files, err := scaffold.NewDocker(d)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(contents(files)["Dockerfile"], " AS frontend\n")
		got, _, _ := strings.Cut(rest, "\nFROM ")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("the frontend's stage with %s (-want +got):\n%s", manager, diff)
		}
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"shop": "Shop", "my-shop": "My Shop", "a_b-c2": "A B C2"} {
		if got := (scaffold.App{Name: name}).Title(); got != want {
			t.Errorf("Title of %s = %q, want %q", name, got, want)
		}
	}
}
