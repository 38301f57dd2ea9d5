package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

// appCommands are the commands of an application. Their flags and help are the
// application's own.
func appCommands(stdio console.IO) []*cobra.Command {
	var list []*cobra.Command
	for _, c := range [][2]string{
		{"web:run", "Migrate and serve"},
		{"migrate", "Run the pending migrations"},
		{"migrate:status", "Show every migration"},
		{"migrate:rollback", "Undo the last migration"},
		{"migrate:fresh", "Drop all tables and run every migration"},
		{"migrate:lint", "Name the pending migrations that would lock, lose or break something"},
		{"migrate:resolve", "Say whether a dirty migration is applied"},
		{"migrate:unlock", "Show who holds the migration lock"},
		{"db:seed", "Run the seeders"},
		{"db:copy", "Copy the database into another one, such as SQLite into PostgreSQL"},
		{"backup", "Copy the SQLite database while the application runs"},
		{"restore", "Put a backup in the place of the SQLite database"},
		{"schedule:work", "Run the scheduler"},
		{"schedule:run", "Run the tasks that are due this minute"},
		{"schedule:test", "Run one task now, whether it is due or not"},
		{"schedule:list", "List the tasks and when they run next"},
		{"schedule:history", "List the recorded runs of the tasks"},
		{"schedule:check", "Ask whether the tasks have started when they should"},
		{"schedule:pause", "Keep a task, or all, from starting"},
		{"schedule:resume", "Let a task, or all, start again"},
		{"schedule:simulate", "Show every run that would start in a time"},
		{"route:list", "List the routes"},
		{"down", "Answer every request with 503"},
		{"up", "End what down began"},
		{"health", "Ask a running server whether it is healthy"},
		{"reload", "Replace the running server by its binary as it is now, without a failed request"},
		{"about", "Show the build, the environment and the variables"},
	} {
		list = append(list, &cobra.Command{
			Use:                c[0],
			Short:              c[1],
			Long:               c[1] + ": a command of the application, run from its source. Flags go to it as they are;\nin an application's directory, `kit " + c[0] + " --help` lists them.",
			Example:            "  kit " + c[0],
			DisableFlagParsing: true,
			Args:               cobra.ArbitraryArgs,
			RunE: func(cmd *cobra.Command, args []string) error {
				return runApp(cmd.Context(), stdio, append([]string{c[0]}, args...))
			},
		})
	}
	return list
}

// runApp builds the application and runs it with args in its directory.
func runApp(ctx context.Context, stdio console.IO, args []string) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	binary, err := p.buildForRun(ctx, stdio.Err)
	if err != nil {
		return err
	}
	if err := os.Chdir(p.dir); err != nil {
		return fmt.Errorf("going to the application: %w", err)
	}
	if err := execute(binary, append([]string{"kit"}, args...)); err != nil {
		return fmt.Errorf("running the application: %w", err)
	}
	return nil
}

// cachedBinary returns where a binary of the application is built to that is run from its
// source, in the user's cache.
func cachedBinary(use string, p *project) (string, error) {
	dir, err := p.cache(use)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, p.name())
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	return binary, nil
}

// cache returns the directory for a use in the user's cache that belongs to the
// application.
func (p *project) cache(use string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", &console.Error{Message: "there is no directory for the cache: " + err.Error(), Advice: "set HOME, or XDG_CACHE_HOME to a directory", Err: err}
	}
	sum := sha256.Sum256([]byte(p.dir))
	dir := filepath.Join(cache, "kit", use, hex.EncodeToString(sum[:8]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("making the directory of the cache: %w", err)
	}
	return dir, nil
}

// buildForRun builds the application without its frontend and returns the path of the
// binary, which stays in the user's cache, so that the next run only links it when it
// changed.
func (p *project) buildForRun(ctx context.Context, output io.Writer) (string, error) {
	if err := checkGo(ctx); err != nil {
		return "", err
	}
	binary, err := cachedBinary("run", p)
	if err != nil {
		return "", err
	}
	// The flags are those of kit build, so that both use the same compiled packages.
	err = tool{dir: p.dir, env: []string{"CGO_ENABLED=0"}}.run(ctx, output, "go", "build", "-trimpath", "-buildvcs=false", "-o", binary, ".")
	return binary, p.explained(ctx, err)
}
