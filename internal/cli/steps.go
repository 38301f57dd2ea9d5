package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/kitgo/kit/console"
)

// steps prints what a command does, a line each with its duration.
type steps struct {
	w     io.Writer
	color bool
}

func newSteps(w io.Writer) steps { return steps{w, console.Colors(w)} }

// do runs f as the step that title names. On a terminal the title is there while
// f runs.
func (s steps) do(title string, f func() error) error {
	if s.color {
		fmt.Fprintf(s.w, "  %s …", title)
	}
	start := time.Now()
	err := f()
	if s.color {
		fmt.Fprint(s.w, "\r\x1b[K")
	}
	if err == nil {
		fmt.Fprintf(s.w, "  %s %s %s\n", s.paint("32", "✓"), title, s.paint("2", "("+round(time.Since(start))+")"))
	}
	return err
}

// paint wraps text in the ANSI code on terminals.
func (s steps) paint(code, text string) string {
	if !s.color {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// round returns d as people read it, such as 1.2s.
func round(d time.Duration) string {
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}
