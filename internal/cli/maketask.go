package cli

import (
	"fmt"
	"go/ast"
	"strconv"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/spf13/cobra"
)

func makeTaskCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:task NAME",
		Short: "Write a scheduled task, its test, and its line in the schedule",
		Long: `Write a scheduled task in tasks/, a test of it, and the line in the schedule that runs
it daily, for you to go on with. Nothing that exists is overwritten without --force.`,
		Example: `  kit make:task SendDigest
  kit make:task send_digest --force`,
		Args: oneName("make:task", "SendDigest"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "a task", "SendDigest")
			if err != nil {
				return err
			}
			return g.run(func(pl *plan) error { return pl.task(words) })
		},
	}
	g.flags(c, true)
	return c
}

// task plans a task, its test, and its line in the schedule.
func (pl *plan) task(words []string) error {
	snake := strings.Join(words, "_")
	if gocode.LeavesOut(snake) {
		snake += "_task"
	}
	err := pl.add(pl.p.path("tasks", snake+".go"), fillTask(taskText, pl.p, words))
	if err == nil {
		err = pl.add(pl.p.path("tasks", snake+"_test.go"), fillTask(taskTestText, pl.p, words))
	}
	if err != nil {
		return err
	}
	list, err := pl.p.scheduleTask(words)
	if err != nil || list == nil {
		return err
	}
	return pl.change(list)
}

// scheduleTask returns the file of the schedule with the task's line, or nil when it has
// it.
func (p *project) scheduleTask(words []string) (*gocode.File, error) {
	schedule, err := p.scheduleFunc()
	if err != nil {
		return nil, noSchedule(err)
	}
	pascal, name, address := pascalCase(words), strings.Join(words, "-"), p.mod.Module.Mod.Path+"/tasks"
	if schedule.Uses(address, pascal) {
		return nil, nil
	}
	if err := p.unscheduled(schedule, name); err != nil {
		return nil, err
	}
	tasks, err := schedule.Import(address)
	if err == nil {
		err = schedule.Append(func(s string) string {
			return fmt.Sprintf("%s.Add(%q, %s.%s{}.Run).Daily()", s, name, tasks, pascal)
		})
	}
	return schedule.File, err
}

// unscheduled refuses the name of a task that the schedule has: with both of them the
// application would not start. Only what is written out there is seen.
func (p *project) unscheduled(schedule *gocode.Func, name string) error {
	set, body, list, err := schedule.Body()
	if err != nil {
		return err
	}
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if call, method, _ := unchained(call, list); call != nil && method == "Add" {
			if have, _ := text(call.Args[0]); have == name && err == nil {
				where := fmt.Sprintf("%s:%d", p.relative(schedule.Path), set.Position(call.Pos()).Line)
				err = usage("a task has the name "+strconv.Quote(name)+" already, in "+where+"; nothing was written", "choose another name, or change what is there")
			}
		}
		return true
	})
	return err
}

func fillTask(text string, p *project, words []string) []byte {
	return []byte(strings.NewReplacer("MODULE", p.mod.Module.Mod.Path, "TASK", pascalCase(words), "NAME", strings.Join(words, "-")).Replace(text))
}

const taskText = `package tasks

import (
	"context"

	"github.com/kitgo/kit/schedule"
)

// TASK is the scheduled task NAME. What it works with, such as a database, are
// its fields.
type TASK struct{}

// Run does it once; it should stop when ctx ends.
func (t TASK) Run(ctx context.Context) error {
	schedule.Logger(ctx).Info("NAME has nothing to do yet")
	return nil
}
`

const taskTestText = `package tasks_test

import (
	"testing"

	"MODULE/tasks"
)

func TestTASK(t *testing.T) {
	t.Parallel()
	task := tasks.TASK{}
	if err := task.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}
`
