//go:build measure

package pages_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// measureTypes measures `kit generate:types` in an application with 500 types and 250
// pages: as a new process, and from a file that is saved to the TypeScript that follows.
func measureTypes(t *testing.T) {
	kit := filepath.Join(t.TempDir(), "kit")
	run(t, "../..", "go", "build", "-o", kit, "./cmd/kit")
	parent := t.TempDir()
	run(t, parent, kit, "new", "shop", "--no-interaction", "--no-git")
	dir := filepath.Join(parent, "shop")
	writeTypes(t, dir)
	out := filepath.Join(t.TempDir(), "types.ts")
	run(t, dir, kit, "generate:types", "-o", out) // compiles what the application imports

	var cold, cpus []float64
	for range turns {
		begun := time.Now()
		c := run(t, dir, kit, "generate:types", "-o", out)
		cold = append(cold, float64(time.Since(begun).Milliseconds()))
		cpus = append(cpus, float64((c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Milliseconds()))
	}

	watch := exec.Command(kit, "generate:types", "--watch", "-o", out)
	watch.Dir = dir
	watch.Stdout, watch.Stderr = os.Stderr, os.Stderr
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = watch.Process.Signal(os.Interrupt); _ = watch.Wait() }()
	file := filepath.Join(dir, "large", "large.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var warm, computed []float64
	watching := &server{name: "kit", pids: []int{watch.Process.Pid}}
	for n := range turns + 1 {
		field := fmt.Sprintf("added%d", n)
		if n == 0 { // until it watches
			for deadline := time.Now().Add(time.Minute); !has(out, field) && time.Now().Before(deadline); time.Sleep(time.Second) {
				save(t, file, text, field)
			}
			continue
		}
		time.Sleep(100 * time.Millisecond)
		before, begun := watching.cpu(t), time.Now()
		save(t, file, text, field)
		for !has(out, field) {
			if time.Since(begun) > time.Minute {
				t.Fatal("the types do not follow")
			}
			time.Sleep(time.Millisecond)
		}
		warm = append(warm, float64(time.Since(begun).Microseconds())/1000)
		computed = append(computed, float64((watching.cpu(t)-before).Microseconds())/1000)
	}
	head("500 types, 250 pages", "median")
	fmt.Printf("| a new process | %.0f ms, of which it and the go command compute %.0f ms |\n", median(cold), median(cpus))
	fmt.Printf("| from a saved field to its TypeScript, while watching | %.0f ms, of which it computes %.0f ms |\n", median(warm), median(computed))
}

func save(t *testing.T, file string, text []byte, field string) {
	t.Helper()
	text = bytes.Replace(text, []byte("type T1 struct {\n"), fmt.Appendf(nil, "type T1 struct {\n\tAdded int `json:%q`\n", field), 1)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func has(file, field string) bool {
	text, err := os.ReadFile(file)
	return err == nil && bytes.Contains(text, []byte(field))
}

func run(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return c
}

// writeTypes adds 500 types and 250 pages to an application, and their components.
func writeTypes(t *testing.T, dir string) {
	t.Helper()
	var types, pages strings.Builder
	types.WriteString("// Package large has many types.\npackage large\n\nimport \"time\"\n\n// T0 is a type.\ntype T0 struct{ Name string }\n")
	for n := 1; n < 500; n++ {
		fmt.Fprintf(&types, "\n// T%d is a type.\ntype T%d struct {\n\tName string `json:\"name\"`\n\tAt *time.Time `json:\"at\"`\n\tTags []string `json:\"tags,omitempty\"`\n\tFirst T%d `json:\"first\"`\n\tList []T%d `json:\"list\"`\n}\n", n, n, n/20, n/2)
	}
	pages.WriteString("// Package many has many pages.\npackage many\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/kitgo/kit/inertia\"\n\t\"shop/large\"\n)\n")
	for n := range 250 {
		fmt.Fprintf(&pages, "\n// P%d shows.\nfunc P%d(pages *inertia.Renderer, w http.ResponseWriter, r *http.Request) error {\n\treturn pages.Render(w, r, \"Many/P%d\", large.T%d{})\n}\n", n, n, n, 499-n)
	}
	files := map[string]string{"large/large.go": types.String(), "many/many.go": pages.String()}
	for n := range 250 {
		files[fmt.Sprintf("frontend/src/pages/Many/P%d.tsx", n)] = "export default function Page() { return null }\n"
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
