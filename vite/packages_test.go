package vite_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/vite"
)

func TestPackages(t *testing.T) {
	t.Parallel()
	const chunk = `{"src/app.tsx": {"file": "assets/app-11111111.js"}}`
	with := func(list string) map[string]string {
		m := map[string]string{".vite/manifest.json": chunk, "assets/app-11111111.js": "1"}
		if list != "" {
			m[".vite/packages.json"] = list
		}
		return m
	}
	for list, want := range map[string][]vite.Package{
		"":   nil,
		"[]": {},
		`[{"name":"@inertiajs/react","version":"3.7.1"},{"name":"react","version":"19.3.1"}]`: {{Name: "@inertiajs/react", Version: "3.7.1"}, {Name: "react", Version: "19.3.1"}},
	} {
		build, err := vite.New(files(with(list)))
		if err != nil {
			t.Fatal(err)
		}
		got, ok := build.Packages()
		if diff := cmp.Diff(want, got); diff != "" || ok != (want != nil) {
			t.Errorf("%s: %v (-want +got)\n%s", list, ok, diff)
		}
	}
	if _, err := vite.New(files(with("{"))); err == nil || !strings.Contains(err.Error(), ".vite/packages.json") {
		t.Errorf("no JSON: error %v", err)
	}
}
