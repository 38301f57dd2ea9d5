package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
)

// compose is one run of kit docker:compose.
type compose struct {
	stdio          console.IO
	database       string
	mailpit, minio bool
	force          bool
}

// secretsFile has the secrets of the compose file.
const secretsFile = ".env.production"

func dockerComposeCommand(stdio console.IO) *cobra.Command {
	r := &compose{stdio: stdio}
	c := &cobra.Command{
		Use:   "docker:compose",
		Short: "Write a compose file with the application and what it needs",
		Long: `Write compose.yaml, which starts the web server, the scheduler if there are tasks, the
database and, if REDIS_URL is set, Redis, each with a health check and in the order in
which they need one another. The application is built and asked for its settings.

Secrets are in .env.production, which is made with new ones when it is not there, and
is never overwritten.`,
		Example: `  kit docker:init
  kit docker:compose --db postgres --with-mailpit
  docker compose --env-file .env.production up --build --detach --wait`,
		RunE: func(c *cobra.Command, _ []string) error { return r.run(c.Context()) },
	}
	f := c.Flags()
	f.StringVar(&r.database, "db", "", "database in production: sqlite, postgres or mysql (default that of DATABASE_URL)")
	f.BoolVar(&r.mailpit, "with-mailpit", false, "add Mailpit, which catches mail")
	f.BoolVar(&r.minio, "with-minio", false, "add MinIO, which keeps files as S3 does")
	f.BoolVar(&r.force, "force", false, "overwrite compose.yaml if it exists")
	return c
}

func (r *compose) run(ctx context.Context) error {
	if r.database != "" {
		if err := checkDatabase(r.database); err != nil {
			return err
		}
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	// Before the application is built, which takes a while.
	if !r.force {
		if err := refuseToOverwrite(p.dir, []scaffold.File{{Path: "compose.yaml"}}); err != nil {
			return err
		}
	}
	if err := checkIgnored(ctx, p); err != nil {
		return err
	}
	s := newSteps(r.stdio)
	a, err := p.ask(ctx, s)
	if err != nil {
		return err
	}
	c := scaffold.Compose{Deployment: a.deployment(p.name()), Mailpit: r.mailpit, Minio: r.minio}
	if r.database != "" {
		c.Database = r.database
	}
	for _, name := range c.Invented() {
		c.Values = append(c.Values, scaffold.Setting{Name: name, Value: invent(name)})
	}
	files, err := scaffold.NewCompose(c)
	if err != nil {
		return err
	}
	return r.write(s, p, c, files)
}

// checkIgnored refuses to write secrets where git would commit them.
func checkIgnored(ctx context.Context, p *project) error {
	git := tool{dir: p.dir}
	if _, err := git.output(ctx, "git", "rev-parse", "--git-dir"); err != nil {
		return nil // no repository, or no git
	}
	if _, err := git.output(ctx, "git", "check-ignore", "--quiet", secretsFile); err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return &console.Error{
		Message: "git does not ignore " + secretsFile + ", which is to have secrets; nothing was written",
		Advice:  "add a line " + secretsFile + " to .gitignore",
	}
}

// invent returns a new value of a secret.
func invent(name string) string {
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	if name == scaffold.KeyVariable {
		return base64.StdEncoding.EncodeToString(random)
	}
	return hex.EncodeToString(random[:24]) // a password needs no escaping in a URL
}

func (r *compose) write(s steps, p *project, c scaffold.Compose, files []scaffold.File) error {
	i := slices.IndexFunc(files, func(f scaffold.File) bool { return f.Path == secretsFile })
	secrets := files[i]
	if err := s.write(p, slices.Delete(files, i, i+1)); err != nil {
		return err
	}
	missing := c.Wanted()
	existing, err := os.ReadFile(p.path(secretsFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := replaceFile(p.path(secretsFile), secrets.Content, 0o600); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "  %s %s, with new secrets\n", s.paint("32", "✓"), secretsFile)
	case err != nil:
		return fmt.Errorf("reading %s: %w", secretsFile, err)
	default:
		missing = unset(string(existing), append(c.Invented(), missing...))
		fmt.Fprintf(s.out, "  %s %s is left as it is\n", s.paint("2", "-"), secretsFile)
	}
	if len(missing) > 0 {
		fmt.Fprintf(s.out, "\nSet in %s: %s\n", secretsFile, strings.Join(missing, ", "))
	}
	if _, err := os.Stat(p.path("Dockerfile")); err != nil {
		fmt.Fprintf(s.out, "\nThere is no Dockerfile yet:\n  %s\n", s.paint("36", "kit docker:init"))
	}
	fmt.Fprintf(s.out, "\nStart everything, and wait until it is healthy:\n  %s\n", s.paint("36", "docker compose --env-file "+secretsFile+" up --build --detach --wait"))
	return nil
}

// unset returns those of names that have no value in the text of a .env file.
func unset(text string, names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		for line := range strings.Lines(text) {
			key, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "export ")), "=")
			if strings.TrimSpace(key) == name && strings.Trim(strings.TrimSpace(value), `"'`) != "" {
				return true
			}
		}
		return false
	})
}
