package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kitgo/kit/console"
	"golang.org/x/mod/modfile"
)

// explained returns why the go command did not like the application when that is a
// workspace above it that does not know it, and else err. What the go command itself says
// of that depends on the command, and is more often a riddle than not.
func (p *project) explained(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	file, unknown := tool{dir: p.dir}.output(ctx, "go", "env", "GOWORK")
	if unknown != nil || file == "" || file == "off" || p.in(file) {
		return err
	}
	return &console.Error{
		Code: console.ExitCode(err), Err: err,
		Message: fmt.Sprintf("the workspace %s does not use this application", file),
		Advice:  "run in the application's directory: go work use .",
	}
}

// in reports whether a workspace uses the application. One that cannot be read is for the
// go command to complain about.
func (p *project) in(file string) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return true
	}
	work, err := modfile.ParseWork(file, text, nil)
	if err != nil {
		return true
	}
	own, err := os.Stat(p.dir)
	if err != nil {
		return true
	}
	for _, use := range work.Use {
		dir := filepath.FromSlash(use.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(filepath.Dir(file), dir)
		}
		if used, err := os.Stat(dir); err == nil && os.SameFile(own, used) {
			return true
		}
	}
	return false
}
