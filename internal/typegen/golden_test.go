package typegen_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/typegen"
)

var update = flag.Bool("update", false, "write the golden files anew")

// generate returns what is generated for a folder of testdata.
func generate(t *testing.T, name string) *typegen.Output {
	t.Helper()
	program, err := typegen.Load(t.Context(), filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.Generate("")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// golden compares what is generated with the files beside the Go code, or writes them.
func golden(t *testing.T, folder string, files map[string][]byte) {
	t.Helper()
	for name, got := range files {
		path := filepath.Join("testdata", folder, name)
		if *update {
			if err := os.WriteFile(path, got, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got), go test -update writes it:\n%s", name, diff)
		}
	}
}

func TestTheZoo(t *testing.T) {
	t.Parallel()
	out := generate(t, "zoo")
	golden(t, "zoo", map[string][]byte{"types.ts": out.Types, "routes.ts": out.Routes})
	if again := generate(t, "zoo"); string(again.Types) != string(out.Types) || string(again.Routes) != string(out.Routes) {
		t.Error("a second run generates something else")
	}
	if out.Pages != 4 || out.Forms != 2 || out.RouteCount != 9 || len(out.Untyped) != 0 {
		t.Errorf("%d pages, %d forms, %d routes, untyped %q", out.Pages, out.Forms, out.RouteCount, out.Untyped)
	}
}

// A function without a name that no other one gives a router registers routes, too.
func TestClosures(t *testing.T) {
	t.Parallel()
	out := generate(t, "closures")
	golden(t, "closures", map[string][]byte{"routes.ts": out.Routes})
	if out.RouteCount != 11 || len(out.Untyped) != 0 {
		t.Errorf("%d routes, untyped %q", out.RouteCount, out.Untyped)
	}
}
