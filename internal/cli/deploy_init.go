package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
)

// deployInit is one run of kit deploy:init.
type deployInit struct {
	stdio                            console.IO
	database, migrate, domain, image string
	force                            bool
}

func deployInitCommand(stdio console.IO) *cobra.Command {
	r := &deployInit{stdio: stdio}
	var list strings.Builder
	for _, p := range scaffold.Platforms() {
		fmt.Fprintf(&list, "  %-13s %s\n", p.Name, p.Title)
	}
	c := &cobra.Command{
		Use:   "deploy:init PLATFORM",
		Short: "Write the files with which a platform runs the application",
		Long: `Write the files with which a platform runs the application, made from its settings:
port, roles, health checks, time-outs and variables. The application is built and
asked for them. Secrets are in .env.production, which is made when it is not there;
what it has is never overwritten. The platforms:

` + list.String() + `
docs/deploy has a page on each.`,
		Example: `  kit deploy:init systemd --domain shop.example.com
  kit deploy:init kubernetes --db postgres --image ghcr.io/me/shop --migrate init`,
		ValidArgs: platformNames(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("kit deploy:init takes one platform, but got %d", len(args)), "use one of "+strings.Join(platformNames(), ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return r.run(c.Context(), args[0]) },
	}
	f := c.Flags()
	f.StringVar(&r.database, "db", "", "database in production: sqlite, postgres or mysql (default that of DATABASE_URL)")
	f.StringVar(&r.migrate, "migrate", "", "who migrates: start (each instance), release (a step of its own) or init (Kubernetes) (default start)")
	f.StringVar(&r.domain, "domain", "", "name under which people reach the application (default NAME.example.com)")
	f.StringVar(&r.image, "image", "", "image in its registry, without a tag (default registry.example.com/NAME)")
	f.BoolVar(&r.force, "force", false, "overwrite files that exist")
	return c
}

func platformNames() []string {
	var names []string
	for _, p := range scaffold.Platforms() {
		names = append(names, p.Name)
	}
	return names
}

func (r *deployInit) run(ctx context.Context, name string) error {
	platform, err := r.check(name)
	if err != nil {
		return err
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	if err := checkIgnored(ctx, p); err != nil {
		return err
	}
	s := newSteps(r.stdio)
	a, err := p.ask(ctx, s)
	if err != nil {
		return err
	}
	d := scaffold.Deploy{
		Deployment: a.deployment(p.name()), Platform: platform,
		Migrate: r.migrate, Domain: r.domain, ImageRef: r.image,
	}
	if r.database != "" {
		d.Database = r.database
	}
	if d.Domain == "" {
		d.Domain = d.Label() + ".example.com"
	}
	if d.ImageRef == "" {
		d.ImageRef = "registry.example.com/" + d.Image()
	}
	if !platform.Binary {
		if err := checkPort(d.Port); err != nil {
			return err
		}
	}
	files, err := scaffold.NewDeploy(d)
	if err != nil {
		return impossible(platform, err)
	}
	if !r.force {
		if err := refuseToOverwrite(p.dir, files); err != nil {
			return err
		}
	}
	return r.write(s, p, d, files)
}

// domainName is what the files can have as the name of a host.
var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`)

// imageName is a repository of a registry, without a tag.
var imageName = regexp.MustCompile(`^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)+$`)

// check returns the platform, or the first mistake on the command line.
func (r *deployInit) check(name string) (scaffold.Platform, error) {
	platform, ok := scaffold.FindPlatform(name)
	if !ok {
		return platform, usage(fmt.Sprintf("the platform %q is not known", name), "use one of "+strings.Join(platformNames(), ", "))
	}
	if r.database != "" {
		if err := checkDatabase(r.database); err != nil {
			return platform, err
		}
	}
	if r.migrate == "" {
		r.migrate = platform.Migrations[0]
	}
	if !slices.Contains(platform.Migrations, r.migrate) {
		return platform, usage(fmt.Sprintf("--migrate %q is not known on %s", r.migrate, platform.Title), "use one of "+strings.Join(platform.Migrations, ", "))
	}
	if r.domain != "" && !domainName.MatchString(r.domain) {
		return platform, usage(fmt.Sprintf("--domain %q is not the name of a host", r.domain), "use a name such as shop.example.com")
	}
	if r.image != "" && !imageName.MatchString(r.image) {
		return platform, usage(fmt.Sprintf("--image %q is not an image in a registry", r.image), "use a name without a tag, such as ghcr.io/me/shop")
	}
	return platform, nil
}

// impossible says why a platform cannot run the application.
func impossible(p scaffold.Platform, err error) error {
	switch {
	case errors.Is(err, scaffold.ErrNoDisk):
		return &console.Error{
			Message: p.Title + " keeps no files that kit could put an SQLite database in",
			Advice:  "use a database on a server: --db postgres", Err: err,
		}
	case errors.Is(err, scaffold.ErrOneProcess):
		return &console.Error{
			Message: "on " + p.Title + " one process alone reaches an SQLite database: it migrates when it starts, and runs the tasks",
			Advice:  "use --migrate start, or a database on a server: --db postgres", Err: err,
		}
	case errors.Is(err, scaffold.ErrNoTime):
		return &console.Error{Message: fmt.Sprintf("SHUTDOWN_TIMEOUT is too short for %s, which waits for %s", p.Title, p.MaxGrace), Advice: "set it to some seconds, or to 30s", Err: err}
	}
	return err
}

func (r *deployInit) write(s steps, p *project, d scaffold.Deploy, files []scaffold.File) error {
	if err := s.write(p, files); err != nil {
		return err
	}
	if err := s.writeSecrets(p, d.SecretsFile()); err != nil {
		return err
	}
	if !d.Platform.Binary {
		s.remindOfDockerfile(p)
	}
	next, err := d.Next()
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\nNext, for which docs/deploy/%s.md has the details:\n", d.Platform.Name)
	for _, line := range next {
		fmt.Fprintf(s.out, "  %s\n", s.paint("36", line))
	}
	return nil
}
