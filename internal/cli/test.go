package cli

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

// test is one run of kit test.
type test struct {
	stdio                     console.IO
	backendOnly, frontendOnly bool
}

func testCommand(stdio console.IO) *cobra.Command {
	t := &test{stdio: stdio}
	c := &cobra.Command{
		Use:   "test [-- FLAGS OF GO TEST]",
		Short: "Run the tests: Go's, and the frontend's",
		Long: `Run "go test ./..." in the application, with what stands behind --, and then the script
"test" of frontend/package.json if there is one. Both run, also when the first fails.`,
		Example: `  kit test
  kit test -- -race -run Checkout ./...
  kit test --frontend-only`,
		Args: func(c *cobra.Command, args []string) error {
			if c.ArgsLenAtDash() != 0 && len(args) > 0 {
				return usage(fmt.Sprintf("kit test does not know what %q is for", args[0]), "put what is for go test behind --, such as: kit test -- -run "+args[0])
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return t.run(c.Context(), args) },
	}
	c.Flags().BoolVar(&t.backendOnly, "backend-only", false, "only Go's")
	c.Flags().BoolVar(&t.frontendOnly, "frontend-only", false, "only the frontend's")
	return c
}

func (t *test) run(ctx context.Context, args []string) error {
	if t.backendOnly && t.frontendOnly {
		return usage("--backend-only and --frontend-only together leave nothing to run", "leave out one of them")
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	script, err := p.hasScript("test")
	if err != nil {
		return err
	}
	if t.frontendOnly && !script {
		return &console.Error{Message: "the frontend has no tests: there is no script \"test\" in frontend/package.json", Advice: "add one, such as \"test\": \"vitest run\""}
	}
	var errs []error
	if !t.frontendOnly {
		if err := checkGo(ctx); err != nil {
			return err
		}
		errs = append(errs, t.stream(ctx, p.dir, "go", append([]string{"test"}, goTestArguments(args)...)...))
	}
	if script && !t.backendOnly && ctx.Err() == nil {
		m, err := preparePackages(ctx, newSteps(t.stdio), p)
		if err != nil {
			return errors.Join(append(errs, err)...)
		}
		errs = append(errs, t.stream(ctx, p.path("frontend"), m.name, "run", "--silent", "test"))
	}
	return errors.Join(errs...)
}

// goTestArguments adds all packages to flags that name none.
func goTestArguments(args []string) []string {
	for _, a := range args {
		if a == "." || a != "" && a[0] == '.' {
			return args
		}
	}
	return append(args, "./...")
}

// stream runs a program whose output goes to the terminal while it runs.
func (t *test) stream(ctx context.Context, dir, name string, args ...string) error {
	c := tool{dir: dir}.command(ctx, name, args...)
	c.Stdout, c.Stderr = t.stdio.Out, t.stdio.Err
	if err := c.Run(); err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
			return &console.Error{Message: "tests failed: " + name + " " + args[0], Err: exit}
		}
		return failed(ctx, name, args, err)
	}
	return nil
}

// hasScript reports whether the frontend's package.json has a script of a name.
func (p *project) hasScript(name string) (bool, error) {
	file, err := p.packageJSON()
	_, ok := file.Scripts[name]
	return ok, err
}
