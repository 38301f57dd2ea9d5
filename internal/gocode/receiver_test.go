package gocode_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kitgo/kit/internal/gocode"
)

func TestReceiverAndField(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ code, name, receiver, field string }{
		"a method":             {"type app struct {\n\tdb int\n\tpages *inertia.Renderer\n}\n\nfunc (a *app) routes(r *web.Router) {}", "a", "app", "pages"},
		"another type":         {"type app struct{ pages inertia.Renderer }\n\nfunc (a app) routes(r *web.Router) {}", "a", "app", ""},
		"a function":           {"func routes(r *web.Router) {}", "", "", ""},
		"one without a name":   {"func (*app) routes(r *web.Router) {}", "", "", ""},
		"an empty one":         {"func () routes(r *web.Router) {}", "", "", ""},
		"one that is not used": {"func (_ *app) routes(r *web.Router) {}", "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "routes.go")
			if err := os.WriteFile(path, []byte("package main\n\nimport (\n\t\"github.com/kitgo/kit/inertia\"\n\t\"github.com/kitgo/kit/web\"\n)\n\n"+tt.code+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := gocode.FindFunc(dir, gocode.Wanted{Parameter: gocode.Type{Path: "github.com/kitgo/kit/web", Name: "Router"}})
			if err != nil {
				t.Fatal(err)
			}
			variable, receiver, ok := f.Receiver()
			if variable != tt.name || receiver != tt.receiver || ok != (tt.name != "") {
				t.Errorf("receiver %q of type %q, %t", variable, receiver, ok)
			}
			if field, err := gocode.FindField(dir, "app", gocode.Type{Path: "github.com/kitgo/kit/inertia", Name: "Renderer", Pointer: true}); field != tt.field || err != nil {
				t.Errorf("field %q, %v", field, err)
			}
		})
	}
}
