package typegen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// exports has the compiler's export data of what other modules have: of what the
// application imports, and of what that imports.
//
// It is kept between runs, because the go command takes longer to find it than all the
// rest takes, and it changes only with the versions of the modules and with the
// toolchain. Packages that lie in a folder where people edit them, because of a replace
// directive, a workspace or a vendor folder, are compared with how they were.
type exports struct {
	Key    string            // what all depends on
	Files  map[string]string // by the path of the package
	Edited map[string]string // the state of folders with packages that are no released ones

	problems map[string]string // what is wrong with a package, which is not kept
}

// environment is what of the go command's environment export data depends on, and where
// the module is.
type environment map[string]string

func readEnvironment(ctx context.Context, dir string) (environment, error) {
	out, err := goCommand(ctx, dir, "env", "-json", "GOVERSION", "GOROOT", "GOCACHE", "GOMODCACHE", "GOOS", "GOARCH", "GOFLAGS", "GOEXPERIMENT", "GOFIPS140", "GOMOD", "GOWORK")
	if err != nil {
		return nil, err
	}
	env := environment{}
	if err := json.Unmarshal(out, &env); err != nil {
		return nil, fmt.Errorf("reading what go env says: %w", err)
	}
	return env, nil
}

// key is a hash of what export data depends on, but for folders where people edit; ""
// if that is not known.
func (e environment) key() string {
	if strings.Contains(e["GOFLAGS"], "-modfile") || strings.Contains(e["GOFLAGS"], "-overlay") {
		return ""
	}
	h := sha256.New()
	if err := json.NewEncoder(h).Encode(e); err != nil { // of a map, in the order of its keys
		return ""
	}
	files := []string{e["GOMOD"], strings.TrimSuffix(e["GOMOD"], ".mod") + ".sum"}
	if work := e["GOWORK"]; work != "" && work != "off" {
		files = append(files, work, work+".sum")
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return ""
		}
		fmt.Fprintf(h, "%s %d\n%s\n", name, len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readExports returns what was kept in a file, if it is still true and has all of the
// paths; else nil.
func readExports(file string, env environment, paths []string) *exports {
	key := env.key()
	text, err := os.ReadFile(file)
	if err != nil || key == "" {
		return nil
	}
	e := new(exports)
	if err := json.Unmarshal(text, e); err != nil || e.Key != key {
		return nil
	}
	for _, path := range paths {
		if e.Files[path] == "" {
			return nil
		}
	}
	for dir, was := range e.Edited {
		if is, _, err := state(dir); err != nil || is != was {
			return nil
		}
	}
	return e
}

// findExports asks the go command, and keeps the answer in a file unless that fails or
// name is "".
func findExports(ctx context.Context, dir, file string, env environment, paths []string) (*exports, error) {
	begun := time.Now()
	e := &exports{Key: env.key(), Files: map[string]string{}, Edited: map[string]string{}, problems: map[string]string{}}
	if len(paths) == 0 {
		return e, nil
	}
	all, err := listExports(ctx, dir, paths)
	if err != nil {
		return nil, err
	}
	keep := e.Key != "" && file != ""
	for _, p := range all {
		switch {
		case p.Error != nil:
			e.problems[p.ImportPath] = p.Error.Err
			keep = false
		case p.Export != "":
			e.Files[p.ImportPath] = p.Export
		}
		if !keep || p.Standard || p.Dir == "" || within(p.Dir, env["GOMODCACHE"]) {
			continue
		}
		dirs := []string{p.Dir}
		if p.Module != nil && p.Module.GoMod != "" {
			dirs = append(dirs, filepath.Dir(p.Module.GoMod))
		}
		for _, dir := range dirs {
			var changed time.Time
			e.Edited[dir], changed, err = state(dir)
			// What was edited meanwhile may not be what was compiled.
			keep = keep && err == nil && changed.Before(begun.Add(-time.Second))
		}
	}
	if keep {
		e.keep(file)
	}
	return e, nil
}

// keep writes the file as a whole, for others may read and write it at the same time.
// Without it all works, and takes longer, so errors are left alone.
func (e *exports) keep(file string) {
	text, err := json.Marshal(e)
	if err != nil || os.MkdirAll(filepath.Dir(file), 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(filepath.Dir(file), "*.new")
	if err != nil {
		return
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil || os.Rename(f.Name(), file) != nil {
		_ = os.Remove(f.Name())
	}
}

// state tells of the files in a folder that decide what is compiled there, and when the
// last of them, or which there are, was changed.
func state(dir string) (text string, changed time.Time, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", time.Time{}, err
	}
	h := sha256.New()
	for _, entry := range entries {
		name := entry.Name()
		if ext := filepath.Ext(name); ext != ".go" && ext != ".mod" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		info, err := os.Stat(filepath.Join(dir, name)) // where a link leads
		if err != nil {
			return "", time.Time{}, err
		}
		fmt.Fprintf(h, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
		if info.ModTime().After(changed) {
			changed = info.ModTime()
		}
	}
	return hex.EncodeToString(h.Sum(nil)), changed, nil
}

// within reports whether a path is in a folder.
func within(path, dir string) bool {
	return dir != "" && strings.HasPrefix(path, dir+string(filepath.Separator))
}
