package cli

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"github.com/kitgo/kit/console"
)

// steps prints what a command does, a line each with its duration.
type steps struct {
	out, err io.Writer
	color    bool
}

func newSteps(stdio console.IO) steps {
	return steps{stdio.Out, stdio.Err, console.Colors(stdio.Out)}
}

// do runs f as the step that title names. On a terminal the title is there while
// f runs. What f writes to its argument is shown only if it fails.
func (s steps) do(title string, f func(output io.Writer) error) error {
	if s.color {
		fmt.Fprintf(s.out, "  %s …", title)
	}
	var output bytes.Buffer
	start := time.Now()
	err := f(&output)
	if s.color {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
	if err != nil {
		fmt.Fprintf(s.out, "  %s %s\n", s.paint("31", "✗"), title)
		_, _ = s.err.Write(output.Bytes())
		return err
	}
	fmt.Fprintf(s.out, "  %s %s %s\n", s.paint("32", "✓"), title, s.paint("2", "("+round(time.Since(start))+")"))
	return nil
}

// patience is after which time people want to know what takes so long.
const patience = time.Second

// while runs f, and says why it takes long if it does.
func (s steps) while(why string, f func() error) error {
	ended := make(chan error, 1)
	go func() { ended <- f() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		fmt.Fprintf(s.err, "  %s %s\n", s.paint("2", "…"), why)
		return <-ended
	}
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
