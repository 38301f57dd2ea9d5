package kit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/lint"
	"github.com/kitgo/kit/database/migrate"
	"github.com/spf13/cobra"
)

func (p *program) migrateLint() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "migrate:lint",
		Short: "Name the pending migrations that would lock, lose or break something",
		Long: "Read the SQL of the pending migrations and name what would rewrite or lock a\n" +
			"table, lose data, or break instances that still run the code of the release\n" +
			"before, with the safe way; nothing is run. Exits 1 when there is something.\n\n" +
			"A comment in the migration accepts a finding with a reason:\n" +
			"  kit:accept RULE the reason",
		Example: fmt.Sprintf("  %s migrate:lint --json", p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return p.withMigrator(c.Context(), 0, func(m *migrate.Migrator) error {
			findings, incomplete, err := m.Lint(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				if findings == nil {
					findings = []lint.Finding{}
				}
				err = console.JSON(p.stdio.Out, map[string]any{"findings": findings})
			} else {
				p.printFindings(findings)
			}
			return errors.Join(err, console.Answered(p.verdict(findings, incomplete)))
		})
	}
	return c
}

// verdict returns why linting fails; nil when it does not.
func (p *program) verdict(findings []lint.Finding, incomplete []migrate.Pretended) error {
	for _, i := range incomplete {
		return unpretended(i)
	}
	open := lint.Open(findings)
	if len(open) == 0 {
		return nil
	}
	return &console.Error{
		Message: plural(len(open), "finding") + " in the pending migrations",
		Advice:  fmt.Sprintf("change them to the safe way, or accept one with a comment such as: kit:accept %s the reason", open[0].Rule),
	}
}

func (p *program) printFindings(findings []lint.Finding) {
	if len(findings) == 0 {
		fmt.Fprintln(p.stdio.Out, "Nothing to look at in the pending migrations.")
		return
	}
	migration := ""
	for _, f := range findings {
		if f.Migration != migration {
			migration = f.Migration
			fmt.Fprintf(p.stdio.Out, "%s\n", migration)
		}
		if f.Accepted != "" {
			fmt.Fprintf(p.stdio.Out, "  %s, accepted: %s\n", f.Rule, f.Accepted)
			continue
		}
		fmt.Fprintf(p.stdio.Out, "  %s: %s\n", f.Rule, f.Problem)
		if f.Statement != "" {
			fmt.Fprintf(p.stdio.Out, "    in:   %s\n", strings.Join(strings.Fields(f.Statement), " "))
		}
		fmt.Fprintf(p.stdio.Out, "    safe: %s\n", f.Safe)
	}
}
