package schedule

import (
	"context"
	"fmt"
	"strings"

	"github.com/kitgo/kit/internal/place"
)

// Command schedules a command of the application's own binary, in a process of its own,
// which [Schedule.Execute] starts. The task's name is that of the command and its
// arguments; [Entry.As] gives it another one. What the command prints is the output of the
// run, and an exit code other than 0 fails it.
//
//	s.Command("reports:send", "--weekly").Mondays().At("07:00")
func (s *Schedule) Command(name string, args ...string) *Entry {
	all := append([]string{name}, args...)
	task := strings.Join(all, " ")
	e := s.add(task, func(ctx context.Context) error { return s.Execute(ctx, all) }, place.Caller())
	e.command = all
	if s.Execute == nil {
		s.fail(e.at, "task %q is a command, and nothing can execute commands here", task)
	}
	return e
}

// CommandLine returns the command of an entry of [Schedule.Command], and its arguments.
func (e *Entry) CommandLine() []string { return e.command }

// Place returns the line of the source that added the entry.
func (e *Entry) Place() string { return fmt.Sprint(e.at) }

// As gives the task another name.
func (e *Entry) As(name string) *Entry {
	at := place.Caller()
	if name == "" {
		e.schedule.fail(at, "task %q: As needs a name", e.name)
		return e
	}
	e.name = name
	return e
}
