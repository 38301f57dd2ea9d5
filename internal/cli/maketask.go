package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/spf13/cobra"
)

func makeTaskCommand(stdio console.IO) *cobra.Command {
	var force bool
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
		RunE: func(_ *cobra.Command, args []string) error { return makeTask(stdio, args[0], force) },
	}
	c.Flags().BoolVar(&force, "force", false, "overwrite the task and its test")
	return c
}

func makeTask(stdio console.IO, name string, force bool) error {
	words, err := taskWords(name)
	if err != nil {
		return err
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	snake := strings.Join(words, "_")
	if slices.Contains(suffixes, words[len(words)-1]) {
		snake += "_task" // Go leaves files with such ends out
	}
	files := []*gocode.File{
		{Path: p.path("tasks", snake+".go"), Text: fillTask(taskText, p, words)},
		{Path: p.path("tasks", snake+"_test.go"), Text: fillTask(taskTestText, p, words)},
	}
	for _, f := range files {
		if _, err := os.Lstat(f.Path); !errors.Is(err, fs.ErrNotExist) && !force {
			return usage(p.relative(f.Path)+" already exists; nothing was written", "choose another name, or overwrite it with --force")
		}
	}
	list, err := p.scheduleTask(words)
	if err != nil {
		return err
	}
	if list != nil {
		files = append(files, list)
	}
	s := newSteps(stdio)
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", p.relative(f.Path), err)
		}
		if err := os.WriteFile(f.Path, f.Text, 0o644); err != nil { //nolint:gosec // source that others may read
			return fmt.Errorf("write %s: %w", p.relative(f.Path), err)
		}
		fmt.Fprintf(stdio.Out, "  %s %s\n", s.paint("32", "✓"), p.relative(f.Path))
	}
	return nil
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
	if syntax, ok := errors.AsType[*gocode.SyntaxError](err); ok {
		message := strings.ReplaceAll(syntax.Error(), p.dir+string(filepath.Separator), "")
		return nil, &console.Error{Message: "Go cannot read " + message, Advice: "correct the file; nothing was written", Err: err}
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

// suffixes are ends of file names that mean something to Go.
var suffixes = []string{
	"test", "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows",
	"386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "mips64", "mips64le", "ppc64", "ppc64le", "riscv64", "s390x", "unix", "wasm",
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
