package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/kitgo/kit/console"
)

// format checks that the Go files are as gofmt writes them.
func (k *check) format(ctx context.Context, output io.Writer) error {
	gofmt := "gofmt"
	if root, err := (tool{}).output(ctx, "go", "env", "GOROOT"); err == nil {
		gofmt = filepath.Join(root, "bin", "gofmt")
		if runtime.GOOS == "windows" {
			gofmt += ".exe"
		}
	}
	sources, err := k.p.goFiles()
	if err != nil || len(sources) == 0 {
		return err
	}
	out, err := tool{dir: k.p.dir}.output(ctx, gofmt, append([]string{"-l"}, sources...)...)
	if err != nil || out == "" {
		return err
	}
	var unformatted []string
	for name := range strings.Lines(out) {
		name = strings.TrimSpace(name)
		differs, err := k.differs(ctx, gofmt, name)
		if err != nil {
			return err
		}
		if differs {
			unformatted = append(unformatted, name)
		}
	}
	if len(unformatted) == 0 {
		return nil
	}
	fmt.Fprintln(output, strings.Join(unformatted, "\n"))
	return &console.Error{Message: files(len(unformatted)) + " would change", Advice: "run `go fmt ./...`"}
}

// differs reports whether gofmt, which would change a file, would change more than the ends
// of its lines.
func (k *check) differs(ctx context.Context, gofmt, name string) (bool, error) {
	text, err := os.ReadFile(k.p.path(name))
	if err != nil {
		return false, err
	}
	want := unixLines(text)
	if len(want) == len(text) {
		return true, nil
	}
	c := tool{dir: k.p.dir}.command(ctx, gofmt)
	c.Stdin = bytes.NewReader(want)
	formatted, err := c.Output()
	if err != nil {
		return false, failed(ctx, gofmt, nil, err)
	}
	return !bytes.Equal(formatted, want), nil
}

// unixLines returns a text with the line ends of Unix: Git may have checked it out with
// those of Windows, and commits it without them.
func unixLines(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// goFiles returns the Go files of the application, not those of its packages of the
// frontend, of the copy of the framework and of hidden folders.
func (p *project) goFiles() ([]string, error) {
	var list []string
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := d.Name(); {
		case d.IsDir() && path != p.dir && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "vendor" || name == "testdata"):
			return filepath.SkipDir
		case !d.IsDir() && strings.HasSuffix(name, ".go"):
			list = append(list, p.relative(path))
		}
		return nil
	})
	return list, err
}
