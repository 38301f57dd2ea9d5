package kit

import (
	"fmt"
	"io"
	"time"

	"github.com/kitgo/kit/console"
)

// progress is a line on a terminal that says how far something is. Without a terminal
// there is none.
type progress struct {
	w     io.Writer // nil without a terminal
	title string
	next  time.Time
	shown bool
}

func (p *program) progress(title string) *progress {
	bar := &progress{title: title}
	if console.IsTerminal(p.stdio.Err) {
		bar.w = p.stdio.Err
	}
	return bar
}

// bytes says how many bytes of how many are done.
func (b *progress) bytes(done, total int64) {
	if total > 0 {
		b.line(fmt.Sprintf("%d %% of %s", 100*done/total, size(total)))
	}
}

// line writes the line anew, now and then.
func (b *progress) line(text string) {
	now := time.Now()
	if b.w == nil || now.Before(b.next) {
		return
	}
	b.next = now.Add(100 * time.Millisecond)
	fmt.Fprintf(b.w, "\r\x1b[K%s: %s", b.title, text)
	b.shown = true
}

// end removes the line.
func (b *progress) end() {
	if b.shown {
		fmt.Fprint(b.w, "\r\x1b[K")
		b.shown = false
	}
}

// size returns a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1000:
		return plural(int(n), "byte")
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", float64(n)/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.2f GB", float64(n)/1e9)
}
