package devserver

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// escapes are the colours of a terminal.
var escapes = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// printer prints what several programs write, a line at a time, each with the name of
// its program.
type printer struct {
	mu     sync.Mutex
	out    io.Writer
	colors bool
	only   []string // the programs whose lines are printed; all when it is empty
}

var colorOf = map[string]string{"app": "36", "vite": "35", "build": "33"}

// from returns a writer for the lines of a program.
func (p *printer) from(name string, skip func(line string) bool) *lines {
	return &lines{printer: p, name: name, skip: skip}
}

// line prints a text, each line of it with the name.
func (p *printer) line(name, text string) {
	if len(p.only) > 0 && !slices.Contains(p.only, name) {
		return
	}
	prefix := fmt.Sprintf("%-5s │ ", name)
	if p.colors {
		prefix = "\x1b[" + colorOf[name] + "m" + prefix + "\x1b[0m"
	} else {
		text = escapes.ReplaceAllString(text, "")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.SplitSeq(text, "\n") {
		fmt.Fprintln(p.out, prefix+line)
	}
}

// lines prints whole lines; what comes after the last line break waits for it.
type lines struct {
	printer *printer
	name    string
	skip    func(line string) bool

	mu   sync.Mutex
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		if text := strings.TrimRight(string(line), "\r"); l.skip == nil || !l.skip(text) {
			l.printer.line(l.name, text)
		}
		l.rest = rest
	}
}

// viteBanner reports whether a line of Vite tells only where it listens, which is behind
// the address of the application.
func viteBanner(line string) bool {
	text := strings.TrimSpace(escapes.ReplaceAllString(line, ""))
	return text == "" || strings.HasPrefix(text, "VITE v") || strings.HasPrefix(text, "➜")
}
