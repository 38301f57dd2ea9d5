package integration_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/dbtest"
)

// The application in the README compiles and answers.
func TestTheApplicationOfTheREADME(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, code, found := strings.Cut(string(readme), "```go\n")
	code, _, closed := strings.Cut(code, "```")
	if !found || !closed {
		t.Fatal("the README has no Go code")
	}
	// An overlay puts the program into this module without writing to it.
	dir := t.TempDir()
	source, overlay, binary := filepath.Join(dir, "main.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "app")
	here, err := filepath.Abs("readme/main.go")
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {here: source}})
	if err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string][]byte{source: []byte(code), overlay: replace} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := command(".", "go", "build", "-overlay", overlay, "-o", binary, "./readme"); err != nil {
		t.Fatal(err)
	}
	p := start(t, binary, []string{"DATABASE_URL=" + dbtest.SQLite(t)}).untilReady()
	if status, body := p.get("/hello/Ada"); status != 200 || body != "Hello, Ada" {
		t.Errorf("GET /hello/Ada = %d %q", status, body)
	}
}
