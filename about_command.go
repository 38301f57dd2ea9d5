package kit

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/findings"
	"github.com/spf13/cobra"
)

func (p *program) about() *cobra.Command {
	var asJSON, asSBOM bool
	c := &cobra.Command{
		Use:     "about",
		Short:   "Show the build, the environment and every variable with its source",
		Long:    "Show the build, the environment, and every variable with its source; secrets are\n***. Nothing is connected to: doctor does that.\n\nWith --sbom, list the Go modules and npm packages that are in the binary, as a\nCycloneDX document in JSON for scanners.",
		Example: fmt.Sprintf("  %s about --json\n  %s about --sbom > sbom.json", p.name, p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().BoolVar(&asSBOM, "sbom", false, "print the software bill of materials")
	c.MarkFlagsMutuallyExclusive("json", "sbom")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if asSBOM {
			return p.with(c.Context(), p.printSBOM)
		}
		checks, app := p.examineConfiguration(c.Context())
		if app != nil {
			defer app.DB.Close()
		}
		variables := p.variables()
		environment, database := "", "not known"
		for _, v := range variables {
			if v.Name == "APP_ENV" {
				environment = v.Value
			}
		}
		if app != nil {
			database = fmt.Sprintf("%s (%s)", app.DB.Dialect(), app.DB)
		}
		b := buildVersion()
		if asJSON {
			return errors.Join(console.JSON(p.stdio.Out, p.aboutJSON(checks, b, environment, variables, p.deployment(app))), console.Answered(findings.Verdict(checks)))
		}
		rows := [][]string{
			{"application", p.name + " " + b.Version}, {"revision", b.Revision},
			{"kit", b.Kit}, {"go", fmt.Sprintf("%s, %s/%s", b.Go, runtime.GOOS, runtime.GOARCH)},
			{"environment", environment}, {"database", database},
		}
		if err := p.table(rows); err != nil {
			return err
		}
		fmt.Fprintln(p.stdio.Out)
		table := [][]string{{"VARIABLE", "VALUE", "SOURCE"}}
		for _, v := range variables {
			table = append(table, []string{v.Name, v.Value, v.Source})
		}
		if err := p.table(table); err != nil {
			return err
		}
		if err := findings.Verdict(checks); err != nil {
			fmt.Fprintln(p.stdio.Out)
			findings.Print(p.stdio.Out, checks)
			return err
		}
		return nil
	}
	return c
}

func (p *program) aboutJSON(checks []finding, b build, environment string, variables []env.Variable, d *deployment) any {
	type variable struct {
		Name     string `json:"name"`
		Value    string `json:"value"`
		Source   string `json:"source"`
		Required bool   `json:"required"`
		Secret   bool   `json:"secret"`
		Own      bool   `json:"own"` // the application's, and not Kit's
	}
	kits := map[string]bool{}
	for _, v := range env.Describe[Config](p.source) {
		kits[v.Name] = true
	}
	list := make([]variable, len(variables))
	for i, v := range variables {
		list[i] = variable{v.Name, v.Value, v.Source, v.Required, v.Secret, !kits[v.Name]}
	}
	return struct {
		Checks      []finding   `json:"checks"`
		Version     string      `json:"version"`
		Revision    string      `json:"revision"`
		Environment string      `json:"environment"`
		Variables   []variable  `json:"variables"`
		Kit         string      `json:"kit"`
		Go          string      `json:"go"`
		Deployment  *deployment `json:"deployment"`
	}{checks, b.Version, b.Revision, environment, list, b.Kit, b.Go, d}
}
