package cli

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

// build is one run of kit build.
type build struct {
	stdio            console.IO
	output, os, arch string
}

func buildCommand(stdio console.IO) *cobra.Command {
	b := &build{stdio: stdio}
	c := &cobra.Command{
		Use:   "build",
		Short: "Build the frontend and the one binary that holds everything",
		Long: `Build the frontend, then the static binary that holds it, the server, the
migrations and the scheduler. The frontend's packages are installed when they are
missing or the lock file is newer than they are, by the package manager whose lock
file is in frontend/: npm, pnpm or bun.`,
		Example: `  kit build
  kit build -o dist/shop-arm64 --os linux --arch arm64`,
		RunE: func(c *cobra.Command, _ []string) error { return b.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&b.output, "output", "o", "", "file to write (default the last part of the module's path)")
	f.StringVar(&b.os, "os", "", "operating system to build for, such as linux (default this one)")
	f.StringVar(&b.arch, "arch", "", "processor to build for, such as arm64 (default this one)")
	return c
}

func (b *build) run(ctx context.Context) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	if err := checkTarget(b.os, b.arch); err != nil {
		return err
	}
	target, err := b.target(p)
	if err != nil {
		return err
	}
	if err := checkGo(ctx); err != nil {
		return err
	}
	begin := time.Now()
	s := newSteps(b.stdio)
	fmt.Fprintf(b.stdio.Out, "Building %s\n", s.paint("1", p.name()))
	if err := b.build(ctx, s, p, target); err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return fmt.Errorf("reading the binary: %w", err)
	}
	shown := target
	if working, err := os.Getwd(); err == nil {
		if relative, err := filepath.Rel(working, target); err == nil && !strings.HasPrefix(relative, "..") {
			shown = "." + string(filepath.Separator) + relative
		}
	}
	fmt.Fprintf(b.stdio.Out, "\n%s (%.1f MB) in %s\n", s.paint("36", shown), float64(info.Size())/1e6, round(time.Since(begin)))
	return nil
}

// targets are the processors, by system, that SQLite's port to Go is made for: nothing
// else can be built.
var targets = map[string][]string{
	"darwin":  {"amd64", "arm64"},
	"freebsd": {"386", "amd64", "arm", "arm64"},
	"linux":   {"386", "amd64", "arm", "arm64", "loong64", "ppc64le", "riscv64", "s390x"},
	"netbsd":  {"amd64"},
	"openbsd": {"amd64", "arm64"},
	"windows": {"386", "amd64", "arm64"},
}

// checkTarget reports a system or a processor that an application cannot be built for;
// an empty one is this machine's.
func checkTarget(system, processor string) error {
	system, processor = cmp.Or(system, runtime.GOOS), cmp.Or(processor, runtime.GOARCH)
	processors, ok := targets[system]
	switch {
	case !ok:
		return usage(fmt.Sprintf("kit cannot build for the operating system %q", system), "use one of "+strings.Join(slices.Sorted(maps.Keys(targets)), ", "))
	case !slices.Contains(processors, processor):
		return usage(fmt.Sprintf("kit cannot build for the processor %q on %s", processor, system), "use one of "+strings.Join(processors, ", "))
	}
	return nil
}

// build builds the frontend and then the binary.
func (b *build) build(ctx context.Context, s steps, p *project, target string) error {
	// Before anything is written that would make the work tree look changed.
	version, revision := gitVersion(ctx, p)
	if err := b.types(ctx, s, p); err != nil {
		return err
	}
	if err := buildFrontend(ctx, s, p); err != nil {
		return err
	}
	if err := refreshVendor(ctx, s, p); err != nil {
		return err
	}
	return s.do("go build", func(output io.Writer) error { return b.compile(ctx, output, p, target, version, revision) })
}

// types writes the TypeScript types, which the frontend's build then checks.
func (b *build) types(ctx context.Context, s steps, p *project) error {
	if !p.hasPages() {
		return nil
	}
	return s.do("types", func(output io.Writer) error {
		g := &generateTypes{stdio: console.IO{Out: io.Discard, Err: output}}
		files, err := g.generate(ctx, p)
		if err != nil {
			return err
		}
		return g.write(p, files)
	})
}

// target returns the absolute path of the binary. A path that is given counts from
// the working directory, and may be a directory.
func (b *build) target(p *project) (string, error) {
	name := p.name()
	if b.os == "windows" || b.os == "" && runtime.GOOS == "windows" {
		name += ".exe"
	}
	if b.output == "" {
		return p.path(name), nil
	}
	path, err := filepath.Abs(b.output)
	if err != nil {
		return "", fmt.Errorf("finding %s: %w", b.output, err)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() || os.IsPathSeparator(b.output[len(b.output)-1]) {
		path = filepath.Join(path, name)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", fmt.Errorf("making the directory of the binary: %w", err)
	}
	return path, nil
}

// compile builds the binary beside target and moves it there, so that target is
// either the old or the new one, also while it is being executed.
func (b *build) compile(ctx context.Context, output io.Writer, p *project, target, version, revision string) error {
	workshop, err := os.MkdirTemp(filepath.Dir(target), ".kit-build-")
	if err != nil {
		return fmt.Errorf("writing the binary: %w", err)
	}
	defer os.RemoveAll(workshop)
	made := filepath.Join(workshop, filepath.Base(target))

	flags := []string{"-s", "-w"}
	if version != "" {
		flags = append(flags, "-X "+kitModule+".version="+version)
	}
	if revision != "" {
		flags = append(flags, "-X "+kitModule+".revision="+revision)
	}
	env := []string{"CGO_ENABLED=0"}
	if b.os != "" {
		env = append(env, "GOOS="+b.os)
	}
	if b.arch != "" {
		env = append(env, "GOARCH="+b.arch)
	}
	err = tool{dir: p.dir, env: env}.run(ctx, output,
		"go", "build", "-trimpath", "-buildvcs=false", "-ldflags", strings.Join(flags, " "), "-o", made, ".")
	if err != nil {
		return err
	}
	if err := os.Rename(made, target); err != nil {
		return fmt.Errorf("writing the binary: %w", err)
	}
	return nil
}

// gitVersion returns the version and revision of the application's repository;
// empty if it has none, or no commit.
func gitVersion(ctx context.Context, p *project) (version, revision string) {
	git := tool{dir: p.dir}
	// A repository around the application that does not track it says nothing.
	if _, err := git.output(ctx, "git", "ls-files", "--error-unmatch", "go.mod"); err != nil {
		return "", ""
	}
	version, err := git.output(ctx, "git", "describe", "--tags", "--always", "--dirty")
	if err != nil {
		return "", ""
	}
	revision, err = git.output(ctx, "git", "rev-parse", "HEAD")
	if err != nil {
		return version, ""
	}
	return version, revision
}

// buildFrontend installs the packages of the frontend if they are not those of
// the lock file, and builds it. An application without a frontend is fine.
func buildFrontend(ctx context.Context, s steps, p *project) error {
	if !isFile(p.path("frontend", "package.json")) {
		return nil
	}
	m, err := preparePackages(ctx, s, p)
	if err != nil {
		return err
	}
	return s.do(m.name+" run build", func(output io.Writer) error {
		return tool{dir: p.path("frontend")}.run(ctx, output, m.name, "run", "build")
	})
}
