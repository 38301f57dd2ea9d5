package devserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Mistake is a place in a source that does not compile.
type Mistake struct {
	File    string `json:"file"` // from the application's directory
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
	Source  string `json:"source,omitempty"` // that line
}

// compileError is a build that failed.
type compileError struct {
	mistakes []Mistake
	output   string // of the compiler
}

func (e *compileError) Error() string { return e.output }

// compiler builds the application's binary.
type compiler struct {
	dir, binary string
}

// compile builds the binary and returns a hash of it.
func (c compiler) compile(ctx context.Context) (sum [sha256.Size]byte, err error) {
	// The flags of kit build, so that both use the same compiled packages.
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", c.binary, ".")
	cmd.Dir = c.dir
	// The compiler and the linker live for less than a second: collecting garbage costs more.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOGC=off")
	cmd.WaitDelay = time.Second
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok || ctx.Err() != nil {
			return sum, fmt.Errorf("running go build: %w", err)
		}
		text := strings.TrimSpace(output.String())
		return sum, &compileError{mistakes: c.mistakes(text), output: text}
	}
	return hashOf(c.binary)
}

func hashOf(path string) (sum [sha256.Size]byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return sum, fmt.Errorf("reading the binary: %w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, fmt.Errorf("reading the binary: %w", err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// mistakeLine is a line of the compiler, such as ./controllers/home.go:57:9: undefined: x.
var mistakeLine = regexp.MustCompile(`^(?:\./)?([^\s:]+\.go):(\d+)(?::(\d+))?: (.+)$`)

// mistakes reads what the compiler has printed. Lines that begin with a tab go on.
func (c compiler) mistakes(output string) (list []Mistake) {
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "\t") && len(list) > 0 {
			list[len(list)-1].Message += "\n" + line
			continue
		}
		m := mistakeLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		at, _ := strconv.Atoi(m[2])
		column, _ := strconv.Atoi(m[3])
		list = append(list, Mistake{File: filepath.ToSlash(m[1]), Line: at, Column: column, Message: m[4], Source: c.line(m[1], at)})
	}
	return list
}

// line returns a line of a source, without what it is indented by.
func (c compiler) line(file string, number int) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.dir, file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := strings.Split(string(text), "\n")
	if number < 1 || number > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[number-1])
}
