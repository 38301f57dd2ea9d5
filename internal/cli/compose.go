package cli

import (
	"context"
	"fmt"
	"os"

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

func dockerComposeCommand(stdio console.IO) *cobra.Command {
	r := &compose{stdio: stdio}
	c := &cobra.Command{
		Use:   "docker:compose",
		Short: "Write a compose file with the application and what it needs",
		Long: `Write compose.yaml, which starts the web server, the scheduler if there are tasks, the
database and, if REDIS_URL is set, Redis, each with a health check and in the order in
which they need one another. The application is built and asked for its settings.

Secrets are in .env.production, which is made with new ones when it is not there.
Passwords that it lacks are added; what it has is never overwritten.`,
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
	if err := checkPort(c.Port); err != nil {
		return err
	}
	files, err := scaffold.NewCompose(c)
	if err != nil {
		return err
	}
	return r.write(s, p, c, files)
}

func (r *compose) write(s steps, p *project, c scaffold.Compose, files []scaffold.File) error {
	if err := s.write(p, files); err != nil {
		return err
	}
	if err := s.writeSecrets(p, c.SecretsFile()); err != nil {
		return err
	}
	s.remindOfDockerfile(p)
	fmt.Fprintf(s.out, "\nStart everything, and wait until it is healthy:\n  %s\n", s.paint("36", "docker compose --env-file "+secretsFile+" up --build --detach --wait"))
	return nil
}

// remindOfDockerfile says how the image is made, if nobody has done so yet.
func (s steps) remindOfDockerfile(p *project) {
	if _, err := os.Stat(p.path("Dockerfile")); err != nil {
		fmt.Fprintf(s.out, "\nThere is no Dockerfile yet:\n  %s\n", s.paint("36", "kit docker:init"))
	}
}
