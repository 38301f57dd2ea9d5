//go:build unix

package dbtest_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/internal/dbtest"
)

// childURLs makes the test binary a process that starts servers, prints their URLs
// and waits to be killed.
const childURLs = "DBTEST_CHILD"

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// answer asks the server of a URL something.
func answer(ctx context.Context, address string) error {
	switch u, _ := url.Parse(address); u.Scheme {
	case "postgres":
		return answerPostgres(ctx, address)
	case "mysql":
		return answerMariaDB(ctx, address)
	case "redis":
		_, err := askRedis(ctx, address, "PING")
		return err
	default:
		return fmt.Errorf("%s is no URL of a server", address)
	}
}

// noAnswer returns an error unless the server accepts connections and says nothing.
func noAnswer(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	err := answer(ctx, address)
	if ctx.Err() == nil || strings.Contains(fmt.Sprint(err), "refused") {
		return fmt.Errorf("it says %w", err)
	}
	return nil
}

// start starts a server of each kind.
var start = map[string]func(testing.TB) (server *dbtest.Server, address string){
	"PostgreSQL": func(tb testing.TB) (*dbtest.Server, string) {
		s := dbtest.StartPostgres(tb)
		return s.Server, s.URL("postgres")
	},
	"MariaDB": func(tb testing.TB) (*dbtest.Server, string) {
		s := dbtest.StartMariaDB(tb)
		return s.Server, s.URL("mysql")
	},
	"PgBouncer": func(tb testing.TB) (*dbtest.Server, string) {
		s := dbtest.StartPgBouncer(tb, dbtest.Postgres(tb), nil)
		return s.Server, s.URL()
	},
	"Redis": func(tb testing.TB) (*dbtest.Server, string) {
		s := dbtest.StartRedis(tb)
		return s.Server, s.URL()
	},
	"Redis with a password": func(tb testing.TB) (*dbtest.Server, string) {
		s := dbtest.StartRedisWithPassword(tb, `it's "right"`)
		return s.Server, s.URL()
	},
}

func TestEveryServerStopsStartsFreezesAndThaws(t *testing.T) {
	t.Parallel()
	for name, start := range start {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, address := start(t)
			if !strings.Contains(address, "@"+s.Addr()+"/") && !strings.Contains(address, "//"+s.Addr()+"/") {
				t.Errorf("the URL %s is not of the server at %s", address, s.Addr())
			}
			for step, do := range []func(){
				func() {},
				func() { s.Stop(); s.Start() },
				func() { s.Freeze(); s.Stop(); s.Start() },
			} {
				do()
				if err := answer(t.Context(), address); err != nil {
					t.Errorf("step %d: it runs and says %v", step, err)
				}
			}
			s.Stop()
			if err := answer(t.Context(), address); err == nil || !strings.Contains(err.Error(), "refused") {
				t.Errorf("it is stopped and says %v", err)
			}
			s.Start()
			s.Freeze()
			if err := noAnswer(t.Context(), address); err != nil {
				t.Errorf("it is frozen, and %v", err)
			}
			s.Thaw()
			if err := answer(t.Context(), address); err != nil {
				t.Errorf("it is thawed and says %v", err)
			}
			s.Freeze() // it ends with the test nevertheless
		})
	}
}

// TestChild is not a test of its own: see the next one.
func TestChild(t *testing.T) {
	if os.Getenv(childURLs) == "" {
		t.Skip("runs only as the child process of another test")
	}
	fmt.Println("URL", dbtest.Postgres(t))
	fmt.Println("URL", dbtest.MariaDB(t))
	for _, start := range start {
		_, address := start(t)
		fmt.Println("URL", address)
	}
	start["PostgreSQL"](t)
	frozen, _ := start["MariaDB"](t)
	frozen.Freeze()
	frozen, _ = start["PostgreSQL"](t)
	frozen.Freeze()
	stopped, _ := start["Redis"](t)
	stopped.Stop()
	fmt.Println("READY")
	time.Sleep(time.Minute)
}

func TestEveryServerEndsWhenTheTestProcessIsKilled(t *testing.T) {
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestChild$")
	folder := t.TempDir()
	// The servers' users must get through the folders above their own.
	for dir := folder; dir != os.TempDir(); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	child.Env = append(os.Environ(), childURLs+"=1", "TMPDIR="+folder)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "READY"; {
		if address, ok := strings.CutPrefix(lines.Text(), "URL "); ok {
			addresses = append(addresses, address)
		} else {
			t.Log(lines.Text())
		}
	}
	if want := 2 + len(start); len(addresses) != want {
		t.Errorf("the child started %v, want %d servers", addresses, want)
	}
	for _, address := range addresses {
		if err := answer(t.Context(), address); err != nil {
			t.Error(err)
		}
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
	var left []os.DirEntry
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if left, err = os.ReadDir(folder); err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 {
			break
		}
	}
	if len(left) > 0 {
		t.Errorf("20 s after the kill their folder has %v", left)
	}
	for _, address := range addresses {
		if err := answer(t.Context(), address); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s still runs and says %v", address, err)
		}
	}
	if out, err := exec.Command("pgrep", "-a", "-f", folder).CombinedOutput(); err == nil || len(out) > 0 {
		t.Errorf("processes are left (%v):\n%s", err, out)
	}
}

func answerPostgres(ctx context.Context, address string) error {
	conn, err := connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	return conn.Ping(ctx)
}

// connect connects to PostgreSQL. It prepares no statements, which PgBouncer would
// not know on the next connection.
func connect(ctx context.Context, address string) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return nil, err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	return pgx.ConnectConfig(ctx, config)
}

func answerMariaDB(ctx context.Context, address string) error {
	connector, err := mariadbConnector(address)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	return errors.Join(db.PingContext(ctx), db.Close())
}
