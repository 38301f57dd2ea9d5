package cli

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

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
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("kit make:task takes one name, but got %d", len(args)), "say which, such as: kit make:task SendDigest")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := taskWords(args[0])
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
	file, err := gocode.FindFunc(p.dir, "schedule", "Schedule")
	if errors.Is(err, gocode.ErrNoFunc) {
		return nil, &console.Error{
			Message: "there is no schedule here; nothing was written",
			Advice:  "it looks like this: func (a *app) schedule(s *schedule.Schedule) { … }, and kit.App.Schedule names it", Err: err,
		}
	}
	if err != nil {
		return nil, err
	}
	pascal, name := pascalCase(words), strings.Join(words, "-")
	if strings.Contains(string(file.Text), "tasks."+pascal+"{") {
		return nil, nil
	}
	err = file.AppendToFunc("schedule", "Schedule", func(s string) string {
		return fmt.Sprintf("%s.Add(%q, tasks.%s{}.Run).Daily()", s, name, pascal)
	})
	if err == nil {
		err = file.Import(p.mod.Module.Mod.Path + "/tasks")
	}
	return file, err
}

// taskWords returns the words of a name such as SendDigest, send_digest or send-digest, in
// lower case.
func taskWords(name string) ([]string, error) {
	var words []string
	begin := true
	for i, r := range name {
		switch {
		case r == '_' || r == '-' || r == ':':
			begin = true
			continue
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			return nil, usage(fmt.Sprintf("%q cannot be the name of a task: it has the character %q", name, r), "use letters, digits and _, such as SendDigest or send_digest")
		case unicode.IsDigit(r) && len(words) == 0:
			return nil, usage(fmt.Sprintf("%q cannot be the name of a task: it does not begin with a letter", name), "use letters, digits and _, such as SendDigest or send_digest")
		}
		if begin || unicode.IsUpper(r) && (unicode.IsLower(before(name, i)) || unicode.IsLower(after(name, i)) && unicode.IsUpper(before(name, i))) {
			words = append(words, "")
		}
		begin = false
		words[len(words)-1] += string(unicode.ToLower(r))
	}
	if len(words) == 0 {
		return nil, usage("the name of the task is empty", "use letters, digits and _, such as SendDigest or send_digest")
	}
	return words, nil
}

func before(s string, i int) rune {
	if i == 0 {
		return 0
	}
	return rune(s[i-1])
}

func after(s string, i int) rune {
	if i+1 >= len(s) {
		return 0
	}
	return rune(s[i+1])
}

func pascalCase(words []string) string {
	var name strings.Builder
	for _, w := range words {
		name.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return name.String()
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
