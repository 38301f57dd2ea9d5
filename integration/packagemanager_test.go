package integration_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// Applications whose packages another package manager than npm installs: the first build
// writes the lock file, the next one installs nothing and is the same byte by byte, and
// what is in the binary works and knows its packages.
func TestPackageManagers(t *testing.T) {
	t.Parallel()
	for manager, lock := range map[string]string{"pnpm": "pnpm-lock.yaml", "bun": "bun.lock"} {
		t.Run(manager, func(t *testing.T) {
			t.Parallel()
			kit, dir := kitCommand(t), filepath.Join(t.TempDir(), "shop")
			if err := command(filepath.Dir(dir), kit, "new", "shop", "--no-interaction", "--no-git", "--package-manager", manager); err != nil {
				t.Fatal(err) // which says how to install it
			}
			binary := filepath.Join(dir, "shop")
			build := func() (said string, file []byte) {
				p := startIn(t, dir, kit, nil, "build")
				if code := p.wait(10 * time.Minute); code != 0 {
					t.Fatalf("kit build ended with %d", code)
				}
				file, err := os.ReadFile(binary)
				if err != nil {
					t.Fatal(err)
				}
				return p.stdout.String(), file
			}
			said, first := build()
			if !strings.Contains(said, manager+" install, which writes frontend/"+lock) {
				t.Errorf("the first build says\n%s", said)
			}
			if _, err := os.Stat(filepath.Join(dir, "frontend", lock)); err != nil {
				t.Error(err)
			}
			said, second := build()
			if strings.Contains(said, "install") || !bytes.Equal(first, second) {
				t.Errorf("the second build is another binary (%v), or installs packages:\n%s", !bytes.Equal(first, second), said)
			}
			vars := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
			server := start(t, binary, vars).untilReady()
			if status, body := server.get("/"); status != 200 || !strings.Contains(body, `"component":"Home"`) || !strings.Contains(body, "/assets/") {
				t.Errorf("GET / = %d\n%s", status, body)
			}
			if got := run(t, binary, vars, "about", "--sbom"); !strings.Contains(got.stdout, "pkg:npm/react-dom@") {
				t.Errorf("the binary does not name its packages:\n%s", got.stdout)
			}
		})
	}
}
