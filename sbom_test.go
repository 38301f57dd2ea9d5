package kit

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

func TestGoComponents(t *testing.T) {
	t.Parallel()
	var got []string
	for _, c := range goComponents(&debug.BuildInfo{GoVersion: "go1.26.8", Deps: []*debug.Module{
		{Path: "github.com/BurntSushi/toml", Version: "v1.6.0"},
		{Path: "example.com/a", Version: "v1.0.0", Replace: &debug.Module{Path: "example.com/fork", Version: "v1.0.1+incompatible"}},
		{Path: "example.com/b", Version: "v0.0.0", Replace: &debug.Module{Path: "../b"}},
	}}) {
		if c.Ref != c.PURL || c.Type != "library" {
			t.Errorf("%+v", c)
		}
		got = append(got, c.Name+" "+c.PURL)
	}
	want := []string{
		"stdlib pkg:golang/stdlib@1.26.8",
		"github.com/BurntSushi/toml pkg:golang/github.com/burntsushi/toml@v1.6.0",
		"example.com/fork pkg:golang/example.com/fork@v1.0.1+incompatible",
		"example.com/b pkg:golang/example.com/b@v0.0.0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("components (-want +got):\n%s", diff)
	}
}

func TestTheSBOMHasThePackages(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		".vite/manifest.json":    {Data: []byte(`{"src/app.tsx": {"file": "assets/app-11111111.js"}}`)},
		"assets/app-11111111.js": {Data: []byte("1")},
	}
	print := func() (string, error) {
		build, err := vite.New(files)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		p := &program{name: "app", stdio: console.IO{Out: &out}}
		err = p.printSBOM(&App{Pages: inertia.New(build, nil)})
		return out.String(), err
	}
	if _, err := print(); err == nil || !strings.Contains(console.Hint(err), "packages.ts") {
		t.Errorf("without a list: error %v", err)
	}
	files[".vite/packages.json"] = &fstest.MapFile{Data: []byte(`[{"name":"@inertiajs/react","version":"3.7.1"}]`)}
	text, err := print()
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		BOMFormat, SpecVersion string
		Version                int
		Components             []component
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	last := document.Components[len(document.Components)-1]
	if document.BOMFormat != "CycloneDX" || document.SpecVersion != "1.6" || document.Version != 1 || last.PURL != "pkg:npm/%40inertiajs/react@3.7.1" || last.Name != "@inertiajs/react" {
		t.Errorf("the document is\n%s", text)
	}
	if again, _ := print(); again != text {
		t.Errorf("a second one differs:\n%s", again)
	}
}
