package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// prompt asks questions on a terminal.
type prompt struct {
	in    io.Reader
	out   io.Writer
	lines *bufio.Reader
}

// ask returns the answer to question, or byDefault for an empty one. It repeats
// the question until check accepts the answer.
func (p *prompt) ask(ctx context.Context, question, byDefault string, check func(string) error) (string, error) {
	if p.lines == nil {
		p.lines = bufio.NewReader(p.in)
	}
	for {
		fmt.Fprintf(p.out, "%s [%s]: ", question, byDefault)
		answer, err := p.read(ctx)
		if err != nil {
			fmt.Fprintln(p.out)
			return "", err
		}
		if answer == "" {
			answer = byDefault
		}
		err = check(answer)
		if err == nil {
			return answer, nil
		}
		fmt.Fprintf(p.out, "  %v\n", err)
	}
}

// read returns one line. It does not wait for the line's end when ctx ends.
func (p *prompt) read(ctx context.Context) (string, error) {
	type result struct {
		line string
		err  error
	}
	answered := make(chan result, 1)
	go func() {
		line, err := p.lines.ReadString('\n')
		answered <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", errInterrupted
	case r := <-answered:
		if r.err != nil && (r.line == "" || !errors.Is(r.err, io.EOF)) {
			return "", fmt.Errorf("reading the answer: %w", r.err)
		}
		return strings.TrimSpace(r.line), nil
	}
}
