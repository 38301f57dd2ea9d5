package kit

import (
	"fmt"
	"regexp"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/web"
	"github.com/spf13/cobra"
)

// usableSecret is what can be written as a path, and not be guessed at once.
var usableSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{8,100}$`)

func (p *program) down() *cobra.Command {
	var retry time.Duration
	var secret, message string
	c := &cobra.Command{
		Use:     "down",
		Short:   "Answer every request with 503 until up, in all instances",
		Long:    "Answer every request with 503, in all instances on this database, within a second\nand until up. The endpoints below /_kit answer as always. Scheduled tasks go on:\nschedule:pause is for those.",
		Example: fmt.Sprintf("  %s down --retry 10m --secret let-me-in-please", p.name),
		Args:    cobra.NoArgs,
	}
	c.Flags().DurationVar(&retry, "retry", 0, "tell clients to come again after this `duration` (Retry-After)")
	c.Flags().StringVar(&secret, "secret", "", "who opens this path, such as /let-me-in-please, may in")
	c.Flags().StringVar(&message, "message", "", "what the page says (default \"Down for maintenance.\")")
	c.RunE = func(c *cobra.Command, _ []string) error {
		mark := web.Maintenance{Since: time.Now(), RetryAfter: retry, Message: message}
		if retry < 0 {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--retry %s is negative", retry), Advice: "use a duration such as 10m"}
		}
		if secret != "" {
			if !usableSecret.MatchString(secret) {
				return &console.Error{Code: console.Usage, Message: "--secret must be a part of a path that nobody guesses", Advice: "use at least 8 letters, digits, - and _"}
			}
			mark.Pass = web.MaintenancePass(secret)
		}
		return p.withDatabase(c.Context(), func(app *App) error {
			if err := setDown(c.Context(), app.DB, mark); err != nil {
				return err
			}
			fmt.Fprintf(p.stdio.Out, "The application is down. `%s up` ends that.\n", p.name)
			return nil
		})
	}
	return c
}

func (p *program) up() *cobra.Command {
	return &cobra.Command{
		Use:     "up",
		Short:   "End what down began",
		Example: fmt.Sprintf("  %s up", p.name),
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withDatabase(c.Context(), func(app *App) error {
				changed, err := setUp(c.Context(), app.DB)
				if err != nil {
					return err
				}
				if !changed {
					fmt.Fprintln(p.stdio.Out, "The application was not down.")
					return nil
				}
				fmt.Fprintln(p.stdio.Out, "The application is up.")
				return nil
			})
		},
	}
}
