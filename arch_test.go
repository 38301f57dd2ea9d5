package kit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/kitgo/kit"

// layers is the policy for what applications link: a package imports only
// packages on lines above its own. Changing this text is an architecture
// decision; see docs/adr/0001-packages-and-layers.md.
const layers = `
	internal/fields internal/handover internal/nearest internal/place internal/redisping internal/sdnotify internal/seal internal/sqltext
	acme env console health redis schedule validate vite
	web database internal/findings
	database/schema database/lint
	session
	inertia database/backup database/factory database/migrate database/runs database/seed database/transfer
	kit
	kittest metrics
`

// tools is the policy for everything else: what each package may import of this
// module. The kit command never imports package kit, so that it works on applications
// of any version; it reads schemas through package database.
var tools = map[string][]string{
	"cmd/kit":               {"internal/cli", "console"},
	"internal/cli":          {"internal/columns", "internal/crudgen", "internal/deploy", "internal/devserver", "internal/findings", "internal/gocode", "internal/identifier", "internal/migrationgen", "internal/modelgen", "internal/nearest", "internal/scaffold", "internal/typegen", "console", "database", "env", "health"},
	"internal/columns":      {"internal/identifier", "internal/modelgen", "internal/nearest"},
	"internal/crudgen":      {"internal/columns", "internal/gocode", "internal/modelgen"},
	"internal/deploy":       {"console"},
	"internal/devserver":    {},
	"internal/gocode":       {},
	"internal/identifier":   {},
	"internal/migrationgen": {"internal/columns", "internal/devserver", "internal/findings", "internal/gocode", "internal/identifier", "internal/modelgen"},
	"internal/modelgen":     {"internal/gocode", "internal/identifier", "database"},
	"internal/scaffold":     {"examples"},
	"internal/typegen":      {"internal/nearest"},
	"internal/dbtest":       {},
	"internal/leaktest":     {},
	"examples":              {},
	// Applications, as users write them.
	"examples/uptime":             {"kit", "database", "inertia", "schedule", "session", "validate", "web", "examples/uptime/auth", "examples/uptime/commands", "examples/uptime/controllers", "examples/uptime/frontend", "examples/uptime/migrations", "examples/uptime/models", "examples/uptime/seeders", "examples/uptime/tasks"},
	"examples/uptime/auth":        {"session", "web"},
	"examples/uptime/commands":    {"console", "database", "examples/uptime/models"},
	"examples/uptime/controllers": {"database", "inertia", "session", "web", "examples/uptime/auth", "examples/uptime/models"},
	"examples/uptime/frontend":    {"vite"},
	"examples/uptime/migrations":  {"database/migrate", "database/schema"},
	"examples/uptime/models":      {"database", "examples/uptime/auth"},
	"examples/uptime/seeders":     {"database", "database/seed", "examples/uptime/models"},
	"examples/uptime/tasks":       {"examples/uptime/models"},
	"integration/fixture":         {"kit", "database", "database/migrate", "database/schema", "database/seed", "health", "schedule", "web"},
}

func TestImportsPointOneWay(t *testing.T) {
	t.Parallel()
	level := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(layers), "\n") {
		for _, name := range strings.Fields(line) {
			level[name] = i
		}
	}
	seen := map[string]bool{}
	eachFile(t, func(file, from string, f *ast.File) {
		seen[from] = true
		allowed, isTool := tools[from]
		own, isLayer := level[from]
		if !isTool && !isLayer {
			t.Errorf("%s: package %s has no place in the policy of arch_test.go", file, from)
		}
		for _, spec := range f.Imports {
			to, ours := shorten(spec.Path.Value)
			switch {
			case !ours:
			case isTool && !slices.Contains(allowed, to):
				t.Errorf("%s: %s must not import %s", file, from, to)
			case isLayer && level[to] >= own:
				t.Errorf("%s: %s must not import %s", file, from, to)
			}
		}
	})
	for _, name := range slices.Sorted(maps.Keys(level)) {
		if !seen[name] {
			t.Errorf("the policy names package %s, which does not exist", name)
		}
	}
	for name := range tools {
		if !seen[name] {
			t.Errorf("the policy names package %s, which does not exist", name)
		}
	}
}

// TestNoTemplatesInApplications guards the size of applications: one reachable
// call of a template makes the linker keep every exported method, which adds
// about 15 MB to each binary (docs/adr/0008-dependencies.md).
func TestNoTemplatesInApplications(t *testing.T) {
	t.Parallel()
	eachFile(t, func(file, from string, f *ast.File) {
		if _, isTool := tools[from]; isTool {
			return
		}
		for _, spec := range f.Imports {
			if p, _ := strconv.Unquote(spec.Path.Value); p == "html/template" || p == "text/template" {
				t.Errorf("%s imports %s", file, p)
			}
		}
	})
}

func TestEveryPackageHasOneDocComment(t *testing.T) {
	t.Parallel()
	docs := map[string][]string{}
	eachFile(t, func(file, from string, f *ast.File) {
		if _, ok := docs[from]; !ok {
			docs[from] = nil
		}
		if f.Doc != nil {
			docs[from] = append(docs[from], file)
		}
	})
	for name, files := range docs {
		if len(files) != 1 {
			t.Errorf("package %s has %d doc comments, want 1: %v", name, len(files), files)
		}
	}
}

// eachFile parses every Go file of the module that is not a test; a folder with a
// go.mod of its own is another module. It reads them itself: the test cache does not
// see what another process, such as go list, reads.
func eachFile(t *testing.T, visit func(file, pkg string, f *ast.File)) {
	t.Helper()
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); file != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "tmp" || name == "bin" || name == "node_modules") {
				return filepath.SkipDir
			}
			if _, err := os.Stat(filepath.Join(file, "go.mod")); file != "." && err == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		pkg, _ := shorten(strconv.Quote(path.Join(module, filepath.ToSlash(filepath.Dir(file)))))
		visit(file, pkg, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// shorten turns a quoted import path of this module into "kit" or
// "database/schema", and reports whether it is one.
func shorten(quoted string) (string, bool) {
	importPath, _ := strconv.Unquote(quoted)
	if importPath == module {
		return "kit", true
	}
	return strings.CutPrefix(importPath, module+"/")
}
