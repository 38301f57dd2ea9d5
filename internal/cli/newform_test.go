package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
)

// The form gets keys as a terminal sends them. It is not parallel: TERM is the process's.
func TestTheFormOfNew(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TERM", "xterm")
	t.Setenv("ACCESSIBLE", "")
	if err := os.Mkdir("taken", 0o755); err != nil {
		t.Fatal(err)
	}
	const enter, down, back = "\r", "\x1b[B", "\x7f"
	type key struct{ after, typed string } // typed once the terminal shows after
	for name, tt := range map[string]struct {
		given   scaffold.App
		keys    []key
		want    scaffold.App
		example string
		err     error
	}{
		"all is asked for":          {keys: []key{{"Name", "shop" + enter}, {"Begin with", enter}, {"Database", down + enter}, {"Package manager", down + enter}}, want: scaffold.App{Name: "shop", Database: scaffold.Postgres, PackageManager: scaffold.PNPM}},
		"enter takes the defaults":  {keys: []key{{"Name", enter}, {"Begin with", enter}, {"Database", enter}, {"Package manager", enter}}, want: scaffold.App{Name: "my-kit-app", Database: scaffold.SQLite, PackageManager: scaffold.NPM}},
		"the name is given":         {given: scaffold.App{Name: "shop", PackageManager: scaffold.NPM}, keys: []key{{"Begin with", enter}, {"Database", down + down + enter}}, want: scaffold.App{Name: "shop", Database: scaffold.MySQL, PackageManager: scaffold.NPM}},
		"the database is given":     {given: scaffold.App{Database: scaffold.MySQL}, keys: []key{{"Name", "shop" + enter}, {"Begin with", enter}, {"Package manager", down + down + enter}}, want: scaffold.App{Name: "shop", Database: scaffold.MySQL, PackageManager: scaffold.Bun}},
		"a bad name is refused":     {given: scaffold.App{PackageManager: scaffold.Bun}, keys: []key{{"Name", "2" + enter}, {"begin with a letter", back + "a2" + enter}, {"Begin with", enter}, {"Database", enter}}, want: scaffold.App{Name: "a2", Database: scaffold.SQLite, PackageManager: scaffold.Bun}},
		"a name that is taken, too": {given: scaffold.App{PackageManager: scaffold.NPM}, keys: []key{{"Name", "taken" + enter}, {"already exists", "2" + enter}, {"Begin with", enter}, {"Database", enter}}, want: scaffold.App{Name: "taken2", Database: scaffold.SQLite, PackageManager: scaffold.NPM}},
		"an example":                {given: scaffold.App{Name: "watch", Database: scaffold.SQLite, PackageManager: scaffold.NPM}, keys: []key{{"Begin with", down + enter}}, want: scaffold.App{Name: "watch", Database: scaffold.SQLite, PackageManager: scaffold.NPM}, example: "uptime"},
		"Ctrl-C":                    {keys: []key{{"Name", "sho\x03"}}, err: errInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := io.Pipe()
			defer writer.Close()
			screen := newScreen()
			go func() {
				for _, k := range tt.keys {
					screen.wait(k.after)
					if _, err := io.WriteString(writer, k.typed); err != nil {
						return
					}
				}
			}()
			n := &newApp{stdio: console.IO{In: reader, Err: screen}, app: tt.given}
			if err := n.ask(t.Context()); !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if tt.err == nil && (n.app != tt.want || n.example != tt.example) {
				t.Errorf("%+v with %q, want %+v with %q", n.app, n.example, tt.want, tt.example)
			}
		})
	}
}

// screen is what a terminal was sent.
type screen struct {
	mu    sync.Mutex
	more  *sync.Cond
	shown string
}

func newScreen() *screen {
	s := &screen{}
	s.more = sync.NewCond(&s.mu)
	return s
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown += ansi.Strip(string(b))
	s.more.Broadcast()
	return len(b), nil
}

// wait waits until the terminal shows a text.
func (s *screen) wait(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !strings.Contains(s.shown, text) {
		s.more.Wait()
	}
}

func TestTheFormOfNewEndsWithItsContext(t *testing.T) {
	t.Setenv("TERM", "xterm")
	t.Setenv("ACCESSIBLE", "")
	ctx, cancel := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	defer writer.Close()
	screen := newScreen()
	go func() {
		screen.wait("Name")
		cancel()
	}()
	n := &newApp{stdio: console.IO{In: reader, Err: screen}}
	if err := n.ask(ctx); !errors.Is(err, errInterrupted) {
		t.Errorf("error %v, want %v", err, errInterrupted)
	}
}

// The questions in lines are those of the form.
func TestATerminalWithoutACursorGetsLines(t *testing.T) {
	t.Setenv("TERM", "dumb")
	for name, tt := range map[string]struct {
		given   newApp
		typed   string
		want    scaffold.App
		example string
		asked   int
	}{
		"all is asked for":             {newApp{}, "shop\nuptime\npostgres\nbun\n", scaffold.App{Name: "shop", Database: scaffold.Postgres, PackageManager: scaffold.Bun}, "uptime", 4},
		"nothing typed is the default": {newApp{}, "\n\n\n\n", scaffold.App{Name: "my-kit-app", Database: scaffold.SQLite, PackageManager: scaffold.NPM}, "", 4},
		"bad answers are asked for again": {
			newApp{app: scaffold.App{Name: "shop", Database: scaffold.SQLite}}, "blog\nstarter\nyarn\ncargo\npnpm\n",
			scaffold.App{Name: "shop", Database: scaffold.SQLite, PackageManager: scaffold.PNPM}, "", 5,
		},
		"what is given is not asked for": {
			newApp{app: scaffold.App{Name: "shop", PackageManager: scaffold.NPM}, example: "uptime"}, "mysql\n",
			scaffold.App{Name: "shop", Database: scaffold.MySQL, PackageManager: scaffold.NPM}, "uptime", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			n := tt.given
			n.stdio = console.IO{In: strings.NewReader(tt.typed), Err: &out}
			if err := n.ask(t.Context()); err != nil || n.app != tt.want || n.example != tt.example || strings.Contains(out.String(), "\x1b") {
				t.Errorf("%+v with %q, %v, want %+v with %q\n%s", n.app, n.example, err, tt.want, tt.example, &out)
			}
			if got := strings.Count(out.String(), "]: "); got != tt.asked {
				t.Errorf("%d questions, want %d:\n%s", got, tt.asked, &out)
			}
		})
	}
}
