package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
)

func dockerInitCommand(stdio console.IO) *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "docker:init",
		Short: "Write a Dockerfile and .dockerignore",
		Long: `Write a Dockerfile and .dockerignore for an image that holds the one binary, runs
as a user without rights, and serves on SERVER_PORT, or 8080. The scheduler is the same image
with the command "./app schedule:work".`,
		Example: `  kit docker:init
  docker build -t shop .`,
		RunE: func(c *cobra.Command, _ []string) error { return dockerInit(c.Context(), stdio, force) },
	}
	c.Flags().BoolVar(&force, "force", false, "overwrite files that exist")
	return c
}

func dockerInit(ctx context.Context, stdio console.IO, force bool) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	port, err := p.port()
	if err != nil {
		return err
	}
	if err := checkPort(port); err != nil {
		return err
	}
	m, err := p.packageManager()
	if err != nil {
		return err
	}
	vendored := p.checkout() != ""
	files, err := scaffold.NewDocker(scaffold.Docker{
		Binary: p.name(), Port: port, Vendored: vendored,
		PackageManager: m.name, PackageManagerVersion: m.version, Lock: m.lock,
	})
	if err != nil {
		return err
	}
	if !force {
		if err := refuseToOverwrite(p.dir, files); err != nil {
			return err
		}
	}
	s := newSteps(stdio)
	if vendored {
		if err := checkGo(ctx); err != nil {
			return err
		}
		err := s.do(vendorDir+", a copy of the framework from "+p.checkout(), func(output io.Writer) error { return vendor(ctx, output, p) })
		if err != nil {
			return err
		}
	}
	if err := s.write(p, files); err != nil {
		return err
	}
	if lock := "frontend/" + m.lock; !isFile(p.path("frontend", m.lock)) && isFile(p.path("frontend", "package.json")) {
		fmt.Fprintf(stdio.Out, "\n%s is missing: the image needs it. kit build writes it; commit it.\n", lock)
	}
	image := scaffold.ImageName(p.name())
	fmt.Fprintf(stdio.Out, `
Build the image:
  %s

Run it, with the settings in .env.production (never commit that file):
  %s
`,
		s.paint("36", "docker build -t "+image+" ."),
		s.paint("36", fmt.Sprintf("docker run -p %d:%[1]d --env-file .env.production %s", port, image)))
	return nil
}

// write writes files into the application's directory, and names them.
func (s steps) write(p *project, files []scaffold.File) error {
	for _, f := range files {
		path := p.path(filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
		if err := replaceFile(path, f.Content, 0o644); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  %s %s\n", s.paint("32", "✓"), f.Path)
	}
	return nil
}

// refuseToOverwrite reports which of files exist in dir.
func refuseToOverwrite(dir string, files []scaffold.File) error {
	var existing []string
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(dir, f.Path)); err == nil {
			existing = append(existing, f.Path)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("looking for %s: %w", f.Path, err)
		}
	}
	switch len(existing) {
	case 0:
		return nil
	case 1:
		return &console.Error{Message: existing[0] + " already exists; nothing was written", Advice: "use --force to overwrite it"}
	default:
		return &console.Error{Message: strings.Join(existing, " and ") + " already exist; nothing was written", Advice: "use --force to overwrite them"}
	}
}
