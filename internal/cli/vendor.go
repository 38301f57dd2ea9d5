package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/scaffold"
)

// vendorDir is where an application keeps a copy of a framework that is not
// published, because the image that is built from the application cannot see the
// checkout.
const vendorDir = ".kit"

const vendorReadme = `# A copy of the framework

The packages of Kit for Go that this application links, as they were in the
checkout that go.mod names. The Dockerfile builds with them, because the checkout
is not in the image. ` + "`kit docker:init` and `kit build`" + ` write this folder anew: commit it,
and do not change it.
`

// refreshVendor renews the copy of the framework if the application has one.
func refreshVendor(ctx context.Context, s steps, p *project) error {
	if _, err := os.Stat(p.path(vendorDir)); err != nil || p.checkout() == "" {
		return nil
	}
	return s.do("copy of the framework in "+vendorDir, func(output io.Writer) error { return vendor(ctx, output, p) })
}

// vendor writes the packages of the framework that the application links to
// vendorDir.
func vendor(ctx context.Context, output io.Writer, p *project) error {
	files, err := frameworkFiles(ctx, output, p)
	if err != nil {
		return err
	}
	workshop, err := os.MkdirTemp(p.dir, ".kit-copy-")
	if err != nil {
		return fmt.Errorf("copying the framework: %w", err)
	}
	defer os.RemoveAll(workshop)
	if err := writeFiles(filepath.Join(workshop, "new"), files); err != nil {
		return err
	}
	if err := os.Rename(p.path(vendorDir), filepath.Join(workshop, "old")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("copying the framework: %w", err)
	}
	if err := os.Rename(filepath.Join(workshop, "new"), p.path(vendorDir)); err != nil {
		return fmt.Errorf("copying the framework: %w", err)
	}
	return nil
}

// frameworkFiles reads the files of the framework's packages that the application
// links, for the image's operating system.
func frameworkFiles(ctx context.Context, output io.Writer, p *project) ([]scaffold.File, error) {
	root := p.checkout()
	names, err := linkedFiles(ctx, output, p)
	if err != nil {
		return nil, err
	}
	files := []scaffold.File{{Path: "README.md", Content: []byte(vendorReadme)}}
	for _, name := range append(names, filepath.Join(root, "go.mod"), filepath.Join(root, "LICENSE")) {
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return nil, fmt.Errorf("copying the framework: %w", err)
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("copying the framework: %w", err)
		}
		files = append(files, scaffold.File{Path: filepath.ToSlash(relative), Content: content})
	}
	return files, nil
}

// linkedFiles asks the go command for the files of the framework's packages.
func linkedFiles(ctx context.Context, output io.Writer, p *project) ([]string, error) {
	list := tool{dir: p.dir, env: []string{"GOOS=linux", "CGO_ENABLED=0"}}
	c := list.command(ctx, "go", "list", "-deps", "-json=Dir,Module,GoFiles,IgnoredGoFiles,OtherFiles,EmbedFiles", ".")
	var problems strings.Builder
	c.Stderr = &problems
	out, err := c.Output()
	if err != nil {
		fmt.Fprintln(output, strings.TrimSpace(problems.String()))
		return nil, failed(ctx, "go", []string{"list"}, err)
	}
	var names []string
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var pkg struct {
			Dir                                             string
			Module                                          *struct{ Path string }
			GoFiles, IgnoredGoFiles, OtherFiles, EmbedFiles []string
		}
		if err := decoder.Decode(&pkg); err == io.EOF {
			return names, nil
		} else if err != nil {
			return nil, fmt.Errorf("listing the packages of the application: %w", err)
		}
		if pkg.Module == nil || pkg.Module.Path != kitModule {
			continue
		}
		for _, name := range slices.Concat(pkg.GoFiles, pkg.IgnoredGoFiles, pkg.OtherFiles, pkg.EmbedFiles) {
			if !strings.HasSuffix(name, "_test.go") {
				names = append(names, filepath.Join(pkg.Dir, name))
			}
		}
	}
}
