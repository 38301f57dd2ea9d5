package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/deploy"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
)

// deployTo is one run of kit deploy.
type deployTo struct {
	stdio    console.IO
	host     deploy.Host
	domain   string
	envFile  string
	binary   string
	keep     int
	wait     time.Duration
	rollback string
	dryRun   bool
	list     bool
	asJSON   bool

	p       *project
	s       steps
	facts   scaffold.Deploy // of the application
	session *deploy.Session
	server  deploy.Answer // what there is on the server
	release string
	// untouched is false as soon as the running release may not be the one from before.
	untouched bool
}

// previousRelease is what --rollback means without a name.
const previousRelease = "previous"

func deployCommand(stdio console.IO) *cobra.Command {
	r := &deployTo{stdio: stdio, s: newSteps(stdio)}
	c := &cobra.Command{
		Use:   "deploy USER@HOST",
		Short: "Bring the application to a Linux server, and let it serve there",
		Long: `Bring the application to a Linux server with systemd, over ssh, and let it serve
there: check the server, build for its processor, upload, check the settings there,
migrate, switch, wait until the new release is ready. No request fails: systemd keeps
the socket open. A release that does not get ready makes way for the one before it.

The first deployment makes the user, the directories, the units of
` + "`kit deploy:init systemd`" + ` (those in deploy/systemd, if it is there) and, from
.env.production, the file with the secrets, which is yours from then on. ssh runs with
its own configuration and must know the server's key; the user is root, or one whom
sudo asks for nothing. deploy/hooks may have programs: before and after are run here,
server-before and server-after there.

--rollback goes back to the release before the current one, or to the one it names.`,
		Example: `  kit deploy deploy@shop.example.com --domain shop.example.com
  kit deploy deploy@shop.example.com --dry-run
  kit deploy deploy@shop.example.com --rollback
  kit deploy deploy@shop.example.com --list`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("kit deploy takes one server, but got %d", len(args)), "use user@host, or a name of ~/.ssh/config; --rollback=RELEASE takes its value with =")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			r.host.Target = args[0]
			return r.run(c.Context())
		},
	}
	f := c.Flags()
	f.IntVarP(&r.host.Port, "port", "p", 0, "port of ssh (default that of ssh's configuration)")
	f.StringVarP(&r.host.Identity, "identity", "i", "", "`file` of the private key (default those of ssh's configuration and agent)")
	f.StringVarP(&r.host.Config, "ssh-config", "F", "", "`file` to read in place of ~/.ssh/config")
	f.StringVar(&r.domain, "domain", "", "put the application behind the server's Caddy under this name")
	f.StringVar(&r.envFile, "env-file", "", "`file` with the secrets of the first deployment (default .env.production)")
	f.StringVar(&r.binary, "binary", "", "deploy this `file`, which kit build has made, and build nothing")
	f.IntVar(&r.keep, "keep", 5, "how many releases stay on the server")
	f.DurationVar(&r.wait, "wait", time.Minute, "how long the new release may take until it is ready")
	f.StringVar(&r.rollback, "rollback", "", "go back to the `release`, without a name to the one before the current one")
	f.Lookup("rollback").NoOptDefVal = previousRelease
	f.BoolVar(&r.dryRun, "dry-run", false, "check the server, and print what would be done")
	f.BoolVar(&r.list, "list", false, "show the releases on the server, and who deployed when")
	f.BoolVar(&r.asJSON, "json", false, "with --list: print one JSON document")
	return c
}

// check returns the first mistake on the command line.
func (r *deployTo) check(ctx context.Context) error {
	switch {
	case r.keep < 2:
		return usage(fmt.Sprintf("--keep %d leaves no release to go back to", r.keep), "keep 2 or more")
	case r.wait < time.Second:
		return usage(fmt.Sprintf("--wait %s is too short for a start", r.wait), "use a duration such as 1m")
	case r.asJSON && !r.list:
		return usage("--json goes with --list only", "")
	case r.list && (r.rollback != "" || r.dryRun):
		return usage("--list changes nothing, and takes neither --rollback nor --dry-run", "")
	}
	if err := r.host.Check(); err != nil {
		return err
	}
	if r.domain == "" {
		return nil
	}
	if !domainName.MatchString(r.domain) {
		return usage(fmt.Sprintf("--domain %q is not the name of a host", r.domain), "use a name such as shop.example.com")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := net.DefaultResolver.LookupHost(ctx, r.domain); err != nil {
		return &console.Error{
			Code: console.BadConfig, Message: fmt.Sprintf("the domain %s does not resolve: there is no certificate without", r.domain),
			Advice: "add an A or AAAA record with the server's address, and wait until it is known", Err: err,
		}
	}
	return nil
}

func (r *deployTo) run(ctx context.Context) (err error) {
	if err := r.check(ctx); err != nil {
		return err
	}
	if r.p, err = findProject(); err != nil {
		return err
	}
	r.untouched = true
	r.facts.Binary = r.p.name()
	if r.list {
		return r.showList(ctx)
	}
	if r.rollback == "" {
		a, err := r.p.ask(ctx, r.s)
		if err != nil {
			return err
		}
		r.facts.Deployment = a.deployment(r.p.name())
	}
	action := "deploy"
	switch {
	case r.dryRun:
		action = "look"
	case r.rollback != "":
		action = "rollback"
	}
	err = r.s.do("connecting to "+r.host.Target, func(io.Writer) error { return r.connect(ctx, action) })
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, r.leave(err)) }()
	if err := r.s.do("checking the server", func(io.Writer) error { return r.checkServer() }); err != nil {
		return r.explain(ctx, err)
	}
	if r.rollback != "" {
		err = r.goBack()
	} else {
		err = r.bring(ctx)
	}
	return r.explain(ctx, err)
}

func (r *deployTo) connect(ctx context.Context, action string) error {
	session, err := deploy.Connect(ctx, r.host, deploy.Job{App: r.facts.Label(), Binary: r.facts.Binary, Who: whoami(), Action: action})
	r.session = session
	return err
}

// leave ends the connection; what has failed on this side is noted on the server.
func (r *deployTo) leave(failed error) error {
	if _, lost := errors.AsType[*deploy.LostError](failed); lost || r.session == nil {
		return nil
	}
	if failed != nil && r.release != "" {
		message := strings.Map(func(c rune) rune {
			if c == ' ' {
				return '_'
			}
			return c
		}, noteworthy.ReplaceAllString(failed.Error(), ""))
		if message != "" {
			_, _ = r.session.Do("note", message)
		}
	}
	if err := r.session.Close(); err != nil && failed == nil {
		return fmt.Errorf("ending the connection: %w", err)
	}
	return nil
}

func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// explain says what became of the running release when the connection was lost.
func (r *deployTo) explain(ctx context.Context, err error) error {
	lost, ok := errors.AsType[*deploy.LostError](err)
	if !ok {
		return err
	}
	e := &console.Error{Code: console.Unavailable, Message: lost.Error(), Advice: "the running release is untouched; deploy again", Err: err}
	if ctx.Err() != nil {
		e.Code, e.Message = console.Failed, "interrupted during the step "+lost.Step
	}
	if !r.untouched {
		e.Advice = "the server ends what it has begun, forwards or back: kit deploy " + r.host.Target + " --list shows which release serves"
	}
	return e
}

// checkServer asks what there is, and refuses what cannot work.
func (r *deployTo) checkServer() error {
	var err error
	if r.server, err = r.session.Do("check"); err != nil {
		return err
	}
	fact := r.server.Fact
	switch {
	case fact("system") != "Linux":
		return &console.Error{Message: fmt.Sprintf("%s runs %s: kit deploy needs Linux", r.host.Target, cmp.Or(fact("system"), "something else"))}
	case fact("systemd") == "":
		return &console.Error{Message: r.host.Target + " does not run systemd", Advice: "docs/deployment.md has the other platforms"}
	case fact("missing") != "":
		return &console.Error{Message: r.host.Target + " has not: " + fact("missing"), Advice: "install what has these programs"}
	case deploy.Architecture(fact("machine")) == "":
		return &console.Error{Message: fmt.Sprintf("the processor of %s is %q, for which Go does not build", r.host.Target, fact("machine"))}
	case r.domain != "" && fact("caddy") == "":
		return &console.Error{Message: "--domain needs Caddy, which " + r.host.Target + " has not", Advice: "install it there: apt-get install caddy"}
	}
	slices.Sort(r.server.Facts["release"])
	return nil
}

// whoami names the person at this machine.
func whoami() string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	host, err := os.Hostname()
	if err != nil {
		return name
	}
	return name + "@" + host
}
