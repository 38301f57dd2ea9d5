package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"golang.org/x/mod/modfile"
)

// kitModule is the path of the framework's module.
const kitModule = "github.com/kitgo/kit"

// project is an application on disk.
type project struct {
	dir string
	mod *modfile.File
}

// findProject returns the application in the working directory or the nearest one
// above it.
func findProject() (*project, error) {
	start, err := os.Getwd()
	if err != nil {
		return nil, fmt.Errorf("finding the application: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		file := filepath.Join(dir, "go.mod")
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
			continue
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &console.Error{
				Message: "this is not the directory of an application: there is no go.mod here or above",
				Advice:  "go to an application's directory, or make one: kit new NAME",
			}
		}
		if err != nil {
			return nil, fmt.Errorf("finding the application: %w", err)
		}
		mod, err := modfile.Parse(file, text, nil)
		if err != nil {
			return nil, fmt.Errorf("reading go.mod: %w", err)
		}
		if mod.Module == nil {
			return nil, &console.Error{Message: file + " names no module", Advice: "add a first line such as: module example.com/shop"}
		}
		p := &project{dir, mod}
		if !p.requiresKit() {
			return nil, &console.Error{
				Message: fmt.Sprintf("the module %s in %s is not a Kit application: it does not require %s", mod.Module.Mod.Path, dir, kitModule),
				Advice:  "go to an application's directory, or make one: kit new NAME",
			}
		}
		return p, nil
	}
}

func (p *project) requiresKit() bool {
	for _, r := range p.mod.Require {
		if r.Mod.Path == kitModule {
			return true
		}
	}
	return false
}

// name is the name of the binary.
func (p *project) name() string { return scaffold.BinaryName(p.mod.Module.Mod.Path) }

// checkout returns the directory that replaces the framework in go.mod; "" if the
// published module is used.
func (p *project) checkout() string {
	for _, r := range p.mod.Replace {
		if r.Old.Path != kitModule || r.New.Version != "" {
			continue
		}
		if filepath.IsAbs(r.New.Path) {
			return r.New.Path
		}
		return filepath.Join(p.dir, filepath.FromSlash(r.New.Path))
	}
	return ""
}

func (p *project) path(elements ...string) string {
	return filepath.Join(append([]string{p.dir}, elements...)...)
}
