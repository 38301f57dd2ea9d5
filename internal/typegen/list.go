package typegen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

// listed is what the go command says about a package.
type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Standard   bool
	Export     string // the file with its export data
	Module     *struct {
		GoMod     string
		GoVersion string
	}
	Error *struct {
		Pos string
		Err string
	}
}

// list runs go list in dir. What is wrong with a package is in its Error.
func list(ctx context.Context, dir string, arguments ...string) ([]listed, error) {
	out, err := goCommand(ctx, dir, append([]string{"list", "-e"}, arguments...)...)
	if err != nil {
		return nil, err
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, fmt.Errorf("reading what go list says: %w", err)
		}
		all = append(all, p)
	}
}

// listApplication lists the packages of the module in dir, without what they import: that
// takes the go command several times as long, and a type check needs less of it.
func listApplication(ctx context.Context, dir string) ([]listed, error) {
	return list(ctx, dir, "-find", "-json=ImportPath,Dir,GoFiles,Module,Error", "./...")
}

// listExports lists packages and all that they import, and compiles what was not yet.
func listExports(ctx context.Context, dir string, paths []string) ([]listed, error) {
	// The flags are those of kit build, so that nothing is compiled twice.
	arguments := []string{"-trimpath", "-export", "-deps", "-json=ImportPath,Dir,Standard,Export,Module,Error", "--"}
	return list(ctx, dir, append(arguments, paths...)...)
}

// goCommand returns the output of the go command, run as kit build does.
func goCommand(ctx context.Context, dir string, arguments ...string) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", arguments...)
	c.Dir = dir
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "PWD="+dir)
	out, err := c.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if failed, ok := errors.AsType[*exec.ExitError](err); ok && len(failed.Stderr) > 0 {
		return nil, fmt.Errorf("reading the Go code: %s", strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the Go code: %w", err)
	}
	return out, nil
}
