package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/devserver"
	"github.com/kitgo/kit/internal/typegen"
	"github.com/spf13/cobra"
)

// generateTypes is one run of kit generate:types.
type generateTypes struct {
	stdio        console.IO
	output       string
	watch, check bool
	loader       *typegen.Loader

	// compiled is closed when a server beside this one has compiled the same code for the
	// first time; nil without one.
	compiled <-chan struct{}
}

func generateTypesCommand(stdio console.IO) *cobra.Command {
	g := &generateTypes{stdio: stdio}
	c := &cobra.Command{
		Use:     "generate:types",
		Aliases: []string{"generate-types"},
		Short:   "Write TypeScript types and routes from the Go code",
		Long: `Write the types of the pages' props, of forms and of flash, and the named routes with
their parameters, as TypeScript. They come from the types of the Go code: of what is
rendered, bound and flashed. A page whose component does not exist is an error.`,
		Example: `  kit generate:types
  kit generate:types --watch
  kit generate:types --check   # in CI: is what is there up to date?`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return g.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVarP(&g.output, "output", "o", "", "file of the types; the routes are beside it (default frontend/src/generated/types.ts)")
	f.BoolVar(&g.watch, "watch", false, "write them again when the Go code changes, or a page comes or goes")
	f.BoolVar(&g.check, "check", false, "write nothing; exit with 1 if something would change")
	return c
}

func (g *generateTypes) run(ctx context.Context) error {
	if g.watch && g.check {
		return usage("--watch and --check cannot both be", "leave out one of them")
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	if g.watch {
		return g.follow(ctx, p)
	}
	files, err := g.generateAloud(ctx, p)
	switch {
	case err != nil:
		return err
	case g.check:
		return g.compare(p, files)
	default:
		return g.write(p, files)
	}
}

// pages is the folder of the page components.
func (p *project) pages() string { return p.path("frontend", "src", "pages") }

// hasPages reports whether the application has a frontend of pages.
func (p *project) hasPages() bool {
	_, err := os.Stat(p.pages())
	return err == nil
}

// generated is a file as it should be.
type generated struct {
	path string
	text []byte
}

// is reports whether the file has what it should, whatever the ends of its lines.
func (f generated) is(have []byte) bool { return bytes.Equal(unixLines(have), f.text) }

// generate returns the files for an application: at first, and again after files have
// changed.
func (g *generateTypes) generate(ctx context.Context, p *project, changed ...string) ([]generated, error) {
	types := p.path("frontend", "src", "generated", "types.ts")
	if g.output != "" {
		var err error
		if types, err = filepath.Abs(g.output); err != nil {
			return nil, fmt.Errorf("finding %s: %w", g.output, err)
		}
	}
	pages := ""
	if p.hasPages() {
		pages = p.pages()
	}
	if g.loader == nil {
		kept := ""
		if cache, err := p.cache("types"); err == nil { // else it takes longer
			kept = filepath.Join(cache, "exports.json")
		}
		g.loader = typegen.NewLoader(p.dir, kept)
	}
	program, err := g.loader.Reload(ctx, changed...)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, missing("go")
	case err != nil:
		return nil, p.explained(ctx, err)
	}
	out, err := program.Generate(pages)
	if err != nil {
		return nil, err
	}
	for _, text := range out.Untyped {
		fmt.Fprintf(g.stdio.Err, "warning: %s, so that it has no type\n", text)
	}
	return []generated{{types, out.Types}, {filepath.Join(filepath.Dir(types), "routes.ts"), out.Routes}}, nil
}

// generateAloud is generate for a command that would be silent for a minute after an
// installation or an update.
func (g *generateTypes) generateAloud(ctx context.Context, p *project) (files []generated, err error) {
	err = newSteps(g.stdio).while("compiling what the application imports, for its types; this is done once", func() error {
		files, err = g.generate(ctx, p)
		return interrupted(ctx, err)
	})
	return files, err
}

// write writes the files that are not as they should be, so that Vite loads only
// those again.
func (g *generateTypes) write(p *project, files []generated) error {
	s := newSteps(g.stdio)
	for _, f := range files {
		if have, err := os.ReadFile(f.path); err == nil && f.is(have) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", p.relative(f.path), err)
		}
		if err := os.WriteFile(f.path, f.text, 0o644); err != nil { //nolint:gosec // source that others may read
			return fmt.Errorf("write %s: %w", p.relative(f.path), err)
		}
		fmt.Fprintf(g.stdio.Out, "  %s %s\n", s.paint("32", "✓"), p.relative(f.path))
	}
	return nil
}

// compare reports the files that are not as they should be.
func (g *generateTypes) compare(p *project, files []generated) error {
	var drifted []string
	for _, f := range files {
		have, err := os.ReadFile(f.path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read %s: %w", p.relative(f.path), err)
		}
		if !f.is(have) {
			drifted = append(drifted, p.relative(f.path))
		}
	}
	if len(drifted) > 0 {
		return &console.Error{Message: "not as the Go code says: " + strings.Join(drifted, ", "), Advice: "run: kit generate:types"}
	}
	fmt.Fprintln(g.stdio.Out, "The types are up to date.")
	return nil
}

// follow writes the files now and after each change of the Go code, or of which pages
// there are, until ctx ends. A mistake is told, and the files stay as they are.
func (g *generateTypes) follow(ctx context.Context, p *project) error {
	// Before the code is read, so that no change is missed.
	changes, err := devserver.Watch(ctx, p.dir)
	if err != nil {
		return err
	}
	var pages <-chan []string
	if p.hasPages() {
		if pages, err = devserver.WatchNames(ctx, p.pages()); err != nil {
			return err
		}
	}
	if g.compiled != nil {
		// Both at once would compile what is not in the compiler's cache twice.
		select {
		case <-g.compiled:
		case <-ctx.Done():
			return nil
		}
	}
	files, err := g.generate(ctx, p)
	for {
		if err == nil {
			err = g.write(p, files)
		}
		// What does not compile is told by who watches the code to run it.
		if err != nil && ctx.Err() == nil && (g.compiled == nil || !errors.Is(err, typegen.ErrBroken)) {
			console.PrintError(g.stdio.Err, err)
		}
		var changed []string
		select {
		case changed = <-changes:
		case <-pages:
		case <-ctx.Done():
			return nil
		}
		begun := time.Now()
		files, err = g.generate(ctx, p, changed...)
		if err == nil && g.compiled == nil {
			fmt.Fprintf(g.stdio.Out, "Types are as the Go code says (%s)\n", round(time.Since(begun)))
		}
	}
}
