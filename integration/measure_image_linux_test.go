//go:build image && measure

package integration_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMeasureImage prints how long the image of a new application is built, and built again
// after a change, for docs/benchmarks.md.
func TestMeasureImage(t *testing.T) {
	dir := newApplication(t)
	if err := command(dir, kitCommand(t), "docker:init"); err != nil {
		t.Fatal(err)
	}
	if err := command(".", "../scripts/base-images", filepath.Join(dir, "Dockerfile")); err != nil {
		t.Fatal(err)
	}
	const tag = "localhost/kit-image-measure"
	e := buildah{layers: true}
	build := func(what string) {
		begin := time.Now()
		e.build(t, dir, tag)
		fmt.Printf("| %s | %.1f s |\n", what, time.Since(begin).Seconds())
	}
	edit := func(name, old, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(before), old, text, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	build("the first time")
	edit("controllers/home.go", "AppName:", "AppName: \"another \" +")
	build("after a Go file changed")
	edit("frontend/src/pages/Home.tsx", "Beat now", "Beat again")
	build("after a page changed")
	build("after nothing changed")
}
