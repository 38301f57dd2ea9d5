//go:build unix

package dbtest_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/internal/dbtest"
)

// childURL makes the test binary a process that starts a server, prints its URL
// and waits to be killed.
const childURL = "DBTEST_CHILD"

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

func answer(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

func TestEachCallGivesAnEmptyDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		conn, err := pgx.Connect(t.Context(), dbtest.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "CREATE TABLE things (id int)"); err != nil {
			t.Error(err)
		}
	}
	if a, b := dbtest.SQLite(t), dbtest.SQLite(t); a == b {
		t.Errorf("two SQLite databases have the same URL %s", a)
	}
}

func TestADatabaseIsDroppedAtTheEndOfItsTestThoughConnectionsAreOpen(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("inner", func(t *testing.T) {
		url = dbtest.Postgres(t)
		if _, err := pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	})
	if err := answer(t.Context(), url); err == nil || !strings.Contains(err.Error(), "3D000") {
		t.Errorf("connecting after the test: %v, want that the database does not exist", err)
	}
}

func TestAServerStopsAndStartsWithItsData(t *testing.T) {
	t.Parallel()
	s := dbtest.StartPostgres(t)
	s.CreateDatabase(t, "app")
	s.Stop()
	if err := answer(t.Context(), s.URL("app")); err == nil {
		t.Error("a stopped server answers")
	}
	s.Start()
	if err := answer(t.Context(), s.URL("app")); err != nil {
		t.Error(err)
	}
}

func TestAUserWithAPasswordNeedsIt(t *testing.T) {
	t.Parallel()
	s := dbtest.StartPostgres(t)
	s.CreateDatabase(t, "app")
	url := s.WithPassword(t, "app", "it's right")
	if err := answer(t.Context(), url); err != nil {
		t.Error(err)
	}
	if err := answer(t.Context(), strings.Replace(url, "right", "wrong", 1)); err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("a wrong password: %v", err)
	}
}

// TestChild is not a test of its own: see the next one.
func TestChild(t *testing.T) {
	if os.Getenv(childURL) == "" {
		t.Skip("runs only as the child process of another test")
	}
	fmt.Println("URL", dbtest.Postgres(t))
	time.Sleep(time.Minute)
}

func TestAServerEndsWhenTheTestProcessIsKilled(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	folder := t.TempDir()
	// The server's user must get through the folders above its own.
	for dir := folder; dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	child.Env = append(os.Environ(), childURL+"=1", "TMPDIR="+folder)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var url string
	for lines := bufio.NewScanner(out); url == "" && lines.Scan(); {
		url, _ = strings.CutPrefix(lines.Text(), "URL ")
	}
	if err := answer(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		left, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		err = answer(t.Context(), url)
		if err != nil && len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("10 s after the kill the server says %v and its folder has %v", err, left)
		}
	}
}
