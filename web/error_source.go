package web

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/kitgo/kit/internal/place"
)

// failedIn notes which handler has returned the error that is answered.
func failedIn(r *http.Request, h Handler) {
	if s := scopeOf(r.Context()); s != nil {
		s.failed = h
	}
}

// handlerOf returns the name of the handler whose error is answered, or "".
func handlerOf(r *http.Request) string {
	if s := scopeOf(r.Context()); s != nil && s.failed != nil {
		return functionName(s.failed)
	}
	return ""
}

// sources shows the lines of the program that a panic came through, that ran the queries
// which failed, and the handler that returned the error.
func sources(r *http.Request, err error, queries []Query) string {
	var b strings.Builder
	if p, ok := errors.AsType[*Panic](err); ok {
		shown := 0
		for frames := runtime.CallersFrames(p.callers); shown < 3; {
			frame, more := frames.Next()
			if own(frame.File) {
				b.WriteString(excerpt(frame.File, frame.Line, around))
				shown++
			}
			if !more {
				break
			}
		}
	}
	for _, q := range queries {
		if q.Failed {
			b.WriteString(excerptAt(q.At, around))
		}
	}
	if s := scopeOf(r.Context()); s != nil && s.failed != nil {
		b.WriteString(excerptAt(sourceOf(s.failed), handlerLines))
	}
	return b.String()
}

// own reports whether a file is one of the application's: below the folder that the
// program runs in, and not a copy of somebody else's.
func own(file string) bool {
	folder, err := os.Getwd()
	if err != nil {
		return false
	}
	path, err := filepath.Rel(folder, file)
	return err == nil && filepath.IsLocal(path) && !strings.HasPrefix(path, "vendor"+string(filepath.Separator))
}

// methodValue is the name of a method that is used as a function: its package, its type
// and itself.
var methodValue = regexp.MustCompile(`^(.*?)\.\(?\*?(\w+)\)?\.(\w+)-fm$`)

// sourceOf returns where a handler is in the source, such as posts.go:17 with its path;
// "" if that is not known. Of a method that is used as a function, which is what most
// handlers are, the program does not know that: its file is looked for.
func sourceOf(h Handler) string {
	name := runtime.FuncForPC(reflect.ValueOf(h).Pointer()).Name()
	parts := methodValue.FindStringSubmatch(name)
	if parts == nil {
		return place.Func(h).Path()
	}
	folder := folderOf(parts[1])
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || folder == "" {
		return ""
	}
	method := regexp.MustCompile(`^func \(\w* ?\*?` + parts[2] + `(\[.*\])?\) ` + parts[3] + `\(`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for n, line := range bytes.Split(text, []byte("\n")) {
			if method.Match(line) {
				return fmt.Sprintf("%s:%d", file, n+1)
			}
		}
	}
	return ""
}

// folderOf returns the folder of a package of the program's module, which is that of the
// nearest go.mod; that of package main is the module's.
func folderOf(pkg string) string {
	root, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		above := filepath.Dir(root)
		if above == root {
			return ""
		}
		root = above
	}
	if pkg == "main" {
		return root
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	below, ok := strings.CutPrefix(strings.TrimSuffix(pkg, "_test"), info.Main.Path)
	if !ok {
		return ""
	}
	return filepath.Join(root, below)
}

const (
	around       = 5  // how many lines before and after a line are shown with it
	handlerLines = 15 // the same of the line at which a handler begins
)

// excerptAt is [excerpt] for a place such as posts.go:17.
func excerptAt(at string, around int) string {
	i := strings.LastIndex(at, ":")
	var line int
	if i < 0 {
		return ""
	}
	if _, err := fmt.Sscan(at[i+1:], &line); err != nil {
		return ""
	}
	return excerpt(at[:i], line, around)
}

// excerpt returns a line of a file with those around it; "" if it cannot be read.
func excerpt(file string, line, around int) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	lines := bytes.Split(text, []byte("\n"))
	if line < 1 || line > len(lines) {
		return ""
	}
	var b strings.Builder
	b.WriteString("<p>" + html.EscapeString(fmt.Sprintf("%s:%d", shorter(file), line)) + "</p>\n<pre>")
	for n := max(line-around, 1); n <= min(line+around, len(lines)); n++ {
		text := html.EscapeString(fmt.Sprintf("%5d  %s", n, lines[n-1]))
		if n == line {
			text = "<mark>" + text + "</mark>"
		} else {
			text += "\n"
		}
		b.WriteString(text)
	}
	b.WriteString("</pre>\n")
	return b.String()
}

// shorter returns the path of a file from the folder that the program runs in.
func shorter(file string) string {
	folder, err := os.Getwd()
	if err != nil || !filepath.IsAbs(file) {
		return file
	}
	if path, err := filepath.Rel(folder, file); err == nil {
		return path
	}
	return file
}
