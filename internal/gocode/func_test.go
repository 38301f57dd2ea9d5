package gocode

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// wanted is the function with a schedule.
var wanted = Wanted{
	Literal: Type{Path: "github.com/kitgo/kit", Name: "App"}, Field: "Schedule",
	Parameter: Type{Path: "github.com/kitgo/kit/schedule", Name: "Schedule"},
}

const head = "package main\n\nimport (\n\t\"github.com/kitgo/kit\"\n\t\"github.com/kitgo/kit/schedule\"\n)\n\n"

// folder returns a folder with files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAppend(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ before, after string }{
		"with lines and comments": {
			"// schedule says what runs.\nfunc (a *app) schedule(s *schedule.Schedule) {\n\t// the first\n\ts.Add(\"a\", a.run) // a remark\n\n\t// the end\n}\n\nvar x = 1 // stays\n",
			"// schedule says what runs.\nfunc (a *app) schedule(s *schedule.Schedule) {\n\t// the first\n\ts.Add(\"a\", a.run) // a remark\n\n\t// the end\n\n\ts.Add(\"new\")\n}\n\nvar x = 1 // stays\n",
		},
		"empty":       {"func f(list *schedule.Schedule) {}\n", "func f(list *schedule.Schedule) {\n\tlist.Add(\"new\")\n}\n"},
		"on one line": {"func f(s *schedule.Schedule) { s.Add(\"a\") }\n", "func f(s *schedule.Schedule) {\n\ts.Add(\"a\")\n\ts.Add(\"new\")\n}\n"},
		"a return": {
			"func f(s *schedule.Schedule) {\n\ts.Add(\"a\") // a remark\n\treturn\n}\n",
			"func f(s *schedule.Schedule) {\n\ts.Add(\"a\") // a remark\n\n\ts.Add(\"new\")\n\n\treturn\n}\n",
		},
		"a return with a comment": {
			"func f(s *schedule.Schedule) {\n\ts.Add(\"a\")\n\n\t// That is\n\t// all.\n\treturn // now\n}\n",
			"func f(s *schedule.Schedule) {\n\ts.Add(\"a\")\n\n\ts.Add(\"new\")\n\n\t// That is\n\t// all.\n\treturn // now\n}\n",
		},
		"a return alone": {"func f(s *schedule.Schedule) { return }\n", "func f(s *schedule.Schedule) {\n\ts.Add(\"new\")\n\n\treturn\n}\n"},
		"a return before": {
			"func f(s *schedule.Schedule) {\n\tif x {\n\t\treturn\n\t}\n}\n",
			"func f(s *schedule.Schedule) {\n\tif x {\n\t\treturn\n\t}\n\n\ts.Add(\"new\")\n}\n",
		},
		"not the first": {"func g() {}\n\nfunc h(x int, s *schedule.Schedule) {\n}\n", "func g() {}\n\nfunc h(x int, s *schedule.Schedule) {\n\n\ts.Add(\"new\")\n}\n"},
	}
	for name, tt := range tests {
		f, err := FindFunc(folder(t, map[string]string{"schedule.go": head + tt.before}), wanted)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := f.Append(func(s string) string { return s + `.Add("new")` }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(head+tt.after, string(f.Text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	for _, text := range []string{"package main\n", head + "func f(*schedule.Schedule) {}\n", head + "func f(_ *schedule.Schedule) {}\n", head + "func f(s schedule.Schedule) {}\n", "package main\n\nfunc f(s *schedule.Schedule) {}\n"} {
		if _, err := FindFunc(folder(t, map[string]string{"schedule.go": text}), wanted); !errors.Is(err, ErrNoFunc) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestFindFunc(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{
		"a.go": "package main\n", "b_test.go": head + "func f(s *schedule.Schedule) {}\n", "c.go": head + "func f(s *schedule.Schedule) {}\n",
	})
	if f, err := FindFunc(dir, wanted); err != nil || filepath.Base(f.Path) != "c.go" {
		t.Errorf("%v, %v", f, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FindFunc(dir, wanted); err == nil {
		t.Error("a file that Go cannot read is no error")
	} else if syntax, ok := errors.AsType[*SyntaxError](err); !ok || filepath.Base(syntax.Path) != "b.go" {
		t.Errorf("%v", err)
	}
}

// What the field of the literal names goes before what comes first.
func TestFindFuncOfTheField(t *testing.T) {
	t.Parallel()
	const decoys = "type app struct{}\n\nfunc (a *app) first(s *schedule.Schedule) {}\n\nfunc other(s *schedule.Schedule) {}\n\nfunc (o other) second(s *schedule.Schedule) {}\n\n"
	app := func(fields string) string {
		return "func newApp() *kit.App {\n\ta := &app{}\n\treturn &kit.App{" + fields + "}\n}\n"
	}
	for name, tt := range map[string]struct{ main, want, mistake string }{
		"a method":                           {head + app("DB: db, Schedule: a.second") + "\nfunc (a *app) second(jobs *schedule.Schedule) {}\n", "func (a *app) second(jobs *schedule.Schedule) {\n\tjobs.New()\n}", ""},
		"a function":                         {head + app("Schedule: (third)") + "\nfunc third(jobs *schedule.Schedule) {}\n", "func third(jobs *schedule.Schedule) {\n\tjobs.New()\n}", ""},
		"a closure":                          {head + app("Schedule: func(x *schedule.Schedule) {}"), "Schedule: func(x *schedule.Schedule) {\n\t\tx.New()\n\t}", ""},
		"packages of other names":            {"package main\n\nimport (\n\tk \"github.com/kitgo/kit\"\n\tplan \"github.com/kitgo/kit/schedule\"\n)\n\nvar x = k.App{Schedule: third}\n\nfunc third(s *plan.Schedule) {}\n", "func third(s *plan.Schedule) {\n\ts.New()\n}", ""},
		"nothing":                            {head + app("Schedule: nil"), "func (a *app) first(s *schedule.Schedule) {\n\ts.New()\n}", ""},
		"another App":                        {"package main\n\nimport \"other/kit\"\n\nvar x = kit.App{Schedule: 1}\n", "func (a *app) first(s *schedule.Schedule) {\n\ts.New()\n}", ""},
		"a call":                             {head + app("Schedule: tasks(a)"), "", "kit.App.Schedule in main.go is no function of this package"},
		"of another package":                 {strings.Replace(head, ")", "\t\"shop/tasks\"\n)", 1) + app("Schedule: tasks.All") + "\nfunc (a *app) All(s *schedule.Schedule) {}\n", "", "kit.App.Schedule in main.go is no function of this package"},
		"one of several types":               {head + app("Schedule: made().third") + "\nfunc (a *app) third(s *schedule.Schedule) {}\n\nfunc (o other) third(s *schedule.Schedule) {}\n", "", "kit.App.Schedule in main.go may be the method of several types"},
		"one of several that are told apart": {head + "func g(a other) {}\n\n" + app("Schedule: a.third") + "\nfunc (o other) third(s *schedule.Schedule) {}\n\nfunc (a *app) third(s *schedule.Schedule) {}\n", "func (a *app) third(s *schedule.Schedule) {\n\ts.New()\n}", ""},
		"made elsewhere":                     {head + "func g(a other) {}\n\nfunc newApp() *kit.App {\n\ta := made()\n\treturn &kit.App{Schedule: a.third}\n}\n\nfunc (a *app) third(s *schedule.Schedule) {}\n", "func (a *app) third(s *schedule.Schedule) {\n\ts.New()\n}", ""},
		"without a name for it":              {head + app("Schedule: third") + "\nfunc third(*schedule.Schedule) {}\n", "", "kit.App.Schedule in main.go takes no *schedule.Schedule with a name"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := FindFunc(folder(t, map[string]string{"a.go": head + decoys, "main.go": tt.main}), wanted)
			if tt.mistake != "" {
				if field, ok := errors.AsType[*FieldError](err); !ok || field.Error() != tt.mistake {
					t.Errorf("error %v, want %s", err, tt.mistake)
				}
				return
			}
			if err == nil {
				err = f.Append(func(s string) string { return s + ".New()" })
			}
			if err != nil || !strings.Contains(string(f.Text), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// Where something else has the name of a package, the package gets another.
func TestImportInFunc(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ function, want string }{
		"a parameter":            {"func f(tasks *schedule.Schedule) {}", "shoptasks"},
		"a receiver":             {"func (tasks *app) f(s *schedule.Schedule) {}", "shoptasks"},
		"a variable":             {"func f(s *schedule.Schedule) {\n\ttasks := 1\n\t_ = tasks\n}", "shoptasks"},
		"a declaration":          {"func f(s *schedule.Schedule) {\n\tvar x, tasks int\n\t_, _ = x, tasks\n}", "shoptasks"},
		"a result":               {"func f(s *schedule.Schedule) (tasks int) {\n\treturn\n}", "shoptasks"},
		"in a block of its own":  {"func f(s *schedule.Schedule) {\n\tif tasks := 1; tasks > 0 {\n\t}\n}", "tasks"},
		"around a closure":       {"func f(tasks int) {\n\t_ = kit.App{Schedule: func(s *schedule.Schedule) {}}\n}", "shoptasks"},
		"in a loop":              {"func f() {\n\tfor tasks := range 2 {\n\t\t_ = kit.App{Schedule: func(s *schedule.Schedule) { _ = tasks }}\n\t}\n}", "shoptasks"},
		"behind a closure":       {"func f() {\n\t_ = kit.App{Schedule: func(s *schedule.Schedule) {}}\n\ttasks := 1\n\t_ = tasks\n}", "tasks"},
		"in a function before f": {"func g(tasks int) {}\n\nfunc f(s *schedule.Schedule) {}", "tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := FindFunc(folder(t, map[string]string{"a.go": head + tt.function + "\n"}), wanted)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // it is there once
				if got, err := f.Import("shop/tasks"); err != nil || got != tt.want || strings.Count(string(f.Text), `"shop/tasks"`) != 1 {
					t.Errorf("%q, %v:\n%s", got, err, f.Text)
				}
			}
		})
	}
}

func TestPrepend(t *testing.T) {
	t.Parallel()
	f, err := FindFunc(folder(t, map[string]string{"a.go": head + "func f(s *schedule.Schedule) { // all of them\n\ts.Get()\n}\n"}), wanted)
	if err == nil {
		err = f.Prepend(func(s string) string { return "// First.\n" + s + ".Use()\n" })
	}
	if err != nil {
		t.Fatal(err)
	}
	if want := head + "func f(s *schedule.Schedule) {\n\t// First.\n\ts.Use()\n\n\t// all of them\n\ts.Get()\n}\n"; string(f.Text) != want {
		t.Errorf("%s", f.Text)
	}
}
