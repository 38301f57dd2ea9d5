package integration_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTheTutorial does what docs/tutorial.md says, word by word, in an empty folder: it
// types the lines of the blocks that begin with sh, writes the files that other blocks
// name, and has kit serve running beside it from where the page starts it.
func TestTheTutorial(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```(\\w+)(?: (\\S+))?\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	if len(blocks) < 10 {
		t.Fatalf("the tutorial has %d blocks", len(blocks))
	}
	kit := kitCommand(t)
	vars := environment()
	vars[0] = "PATH=" + filepath.Dir(kit) + string(os.PathListSeparator) + os.Getenv("PATH")
	dir := t.TempDir()
	var served *process
	for _, block := range blocks {
		language, name, text := block[1], block[2], block[3]
		switch {
		case language == "sh" && name == "serve":
			served = serveTutorial(t, dir, kit, strings.Fields(text)[1:])
		case language == "sh":
			for line := range strings.Lines(text) {
				line = strings.TrimSpace(line)
				if folder, ok := strings.CutPrefix(line, "cd "); ok {
					dir = filepath.Join(dir, folder)
					sharePackages(t, dir)
					continue
				}
				c := exec.Command("bash", "-ec", line)
				c.Dir, c.Env = dir, vars
				if out, err := c.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", line, err, out)
				}
			}
		default:
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	served.until(2*time.Minute, "serving the guest book", func() bool {
		code, body := served.get("/guestbook")
		return code == http.StatusOK && strings.Contains(body, `"component":"Guestbook"`)
	})
	served.signal(syscall.SIGINT)
	if code := served.wait(time.Minute); code != 0 {
		t.Errorf("kit serve ended with %d", code)
	}
	// What one file is, as the page ends: it serves with nothing beside it.
	binary := start(t, filepath.Join(dir, "guestbook"), []string{"DATABASE_URL=sqlite://" + filepath.Join(t.TempDir(), "book.db")}).untilReady()
	if code, body := binary.get("/guestbook"); code != http.StatusOK || !strings.Contains(body, `"component":"Guestbook"`) {
		t.Errorf("GET /guestbook = %d\n%s", code, body)
	}
}

// serveTutorial starts kit serve and waits until it serves.
func serveTutorial(t *testing.T, dir, kit string, args []string) *process {
	t.Helper()
	p := startIn(t, dir, kit, nil, args...)
	p.until(3*time.Minute, "ready", func() bool {
		_, after, ok := strings.Cut(p.stdout.String(), "ready at ")
		p.url, _, _ = strings.Cut(after, " ")
		return ok
	})
	return p
}

// sharePackages gives a new application the packages that the tests have installed for
// another one, of the same package-lock.json.
func sharePackages(tb testing.TB, dir string) {
	tb.Helper()
	frontend, made := filepath.Join(dir, "frontend"), filepath.Join(newApplication(tb), "frontend")
	err := command(frontend, "cmp", filepath.Join(made, "package-lock.json"), "package-lock.json")
	if err == nil {
		err = command(frontend, "cp", "-a", filepath.Join(made, "node_modules"), ".")
	}
	now := time.Now()
	if err := errors.Join(err, os.Chtimes(filepath.Join(frontend, "node_modules", ".package-lock.json"), now, now)); err != nil {
		tb.Fatal(err)
	}
}
