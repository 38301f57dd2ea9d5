package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/modelgen"
)

// models checks that those that db:sync wrote are those of the tables.
func (k *check) models(ctx context.Context, output io.Writer) error {
	var tables []modelgen.Table
	err := k.waiting(func() (err error) {
		tables, err = inspect(ctx, k.p)
		return err
	})
	if err != nil {
		return err
	}
	plan, err := modelgen.NewPlan(k.p.path("models"), tables)
	if err != nil {
		return unreadable(k.p, err)
	}
	if len(plan.Changes) == 0 {
		return nil
	}
	fmt.Fprint(output, plan.Diff())
	return &console.Error{Message: files(len(plan.Changes)) + " would change", Advice: "run `kit db:sync`"}
}

// lint asks the application for the pending migrations that would harm.
func (k *check) lint(ctx context.Context, output io.Writer) error {
	binary, err := k.p.buildForRun(ctx, output)
	if err != nil {
		return err
	}
	c := tool{dir: k.p.dir, env: []string{"NO_COLOR=1"}}.command(ctx, binary, "migrate:lint")
	c.Args[0] = "kit" // its advice names commands, which here are kit's
	var out, complaints bytes.Buffer
	c.Stdout, c.Stderr = &out, &complaints
	return k.waiting(func() error {
		err := c.Run()
		if err == nil {
			return nil
		}
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok || ctx.Err() != nil {
			return failed(ctx, binary, nil, err)
		}
		return complaint(output, exit, out.String(), complaints.String())
	})
}

// waiting runs what asks the database, and says so when that takes long; it fails at once
// when an earlier one has waited for nothing.
func (k *check) waiting(ask func() error) error {
	if k.away != nil {
		return k.away
	}
	err := newSteps(k.stdio).while("waiting for the database", ask)
	if console.ExitCode(err) == console.Unavailable {
		k.away = &console.Error{
			Code: console.Unavailable, Err: err, Advice: console.Hint(err),
			Message: "the database cannot be reached: " + console.Message(err),
		}
		return k.away
	}
	return err
}

// complaint is the error of a command of the application, which has said what is wrong in
// lines of its own. The rest of what it said goes to output, but for the log of waiting.
func complaint(output io.Writer, exit *exec.ExitError, out, complaints string) error {
	e := &console.Error{Code: exit.ExitCode(), Err: exit}
	var messages []string
	rest := out
	for line := range strings.Lines(complaints) {
		if message, ok := strings.CutPrefix(line, "error: "); ok {
			messages = append(messages, strings.TrimSpace(message))
		} else if hint, ok := strings.CutPrefix(line, "hint: "); ok {
			e.Advice = strings.TrimSpace(hint)
		} else {
			rest += line
		}
	}
	if e.Code != console.Unavailable {
		_, _ = io.WriteString(output, rest)
	}
	e.Message = strings.Join(messages, "; ")
	if e.Message == "" {
		e.Message = "migrate:lint failed: " + exit.Error()
	}
	return e
}
