package kit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the pages for people of other frameworks say that Kit has, there is.
func TestThePagesForPeopleOfOtherFrameworks(t *testing.T) {
	t.Parallel()
	reference, err := os.ReadFile("docs/kit.md") // which is made of the commands
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]map[string]bool{}
	quoted := regexp.MustCompile("`[^`\n]+`")
	command := regexp.MustCompile("^`kit ([a-z:-]+)")
	identifier := regexp.MustCompile(`\b(kit|web|validate|session|inertia|database|schema|migrate|factory|schedule|kittest)\.([A-Z]\w+)(?:\.([A-Z]\w+))?`)
	folders := map[string]string{"kit": ".", "schema": "database/schema", "migrate": "database/migrate", "factory": "database/factory"}
	for _, page := range []string{"docs/from-laravel.md", "docs/from-rails.md", "docs/from-the-rust-kit.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		commands, identifiers := 0, 0
		for _, span := range quoted.FindAllString(string(text), -1) {
			if m := command.FindStringSubmatch(span); m != nil {
				commands++
				if !strings.Contains(string(reference), "`kit "+m[1]+"`") && m[1] != "generate-types" {
					t.Errorf("%s: there is no kit %s", page, m[1])
				}
			}
			for _, m := range identifier.FindAllStringSubmatch(span, -1) {
				identifiers++
				if names[m[1]] == nil {
					folder := folders[m[1]]
					if folder == "" {
						folder = m[1]
					}
					names[m[1]] = exported(t, folder)
				}
				if !names[m[1]][m[2]] || m[3] != "" && !names[m[1]][m[2]+"."+m[3]] {
					t.Errorf("%s: there is no %s", page, m[0])
				}
			}
		}
		if commands < 6 || identifiers < 20 {
			t.Errorf("%s names %d commands and %d identifiers", page, commands, identifiers)
		}
	}
}

// exported returns the names that a package exports: Type, Function, Type.Method.
func exported(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				names[receiver(d)+d.Name.Name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok {
						names[s.Name.Name] = true
					}
				}
			}
		}
	}
	return names
}

// receiver is "Type." for a method.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	expr := d.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name + "."
		default:
			return ""
		}
	}
}
