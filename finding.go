package kit

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/health"
)

// finding is what doctor has to say about one thing.
type finding struct {
	Name   string        `json:"name"`
	Status health.Status `json:"status"`
	Detail string        `json:"detail"`
	Advice string        `json:"advice"`

	code int // the exit code when it is the first that failed
}

func well(name, format string, args ...any) finding {
	return finding{Name: name, Status: health.OK, Detail: fmt.Sprintf(format, args...)}
}

func doubtful(name, advice, format string, args ...any) finding {
	return finding{Name: name, Status: health.Warning, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

// broken returns the finding of an error, whose exit code and advice are the error's.
func broken(name string, err error) finding {
	return finding{Name: name, Status: health.Failed, Detail: oneLine(err.Error()), Advice: console.Hint(err), code: console.ExitCode(err)}
}

// brokenAll returns a finding for each of the errors that are joined in one.
func brokenAll(name string, err error) []finding {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []finding{broken(name, err)}
	}
	var list []finding
	for _, e := range joined.Unwrap() {
		list = append(list, brokenAll(name, e)...)
	}
	return list
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// printFindingsOf writes findings in columns, with the advice below what needs it.
func (p *program) printFindingsOf(list []finding) {
	colors := map[health.Status]string{health.OK: "32", health.Warning: "33", health.Failed: "31"}
	width := 0
	for _, f := range list {
		width = max(width, len(f.Name))
	}
	for _, f := range list {
		status := fmt.Sprintf("%-7s", f.Status)
		if console.Colors(p.stdio.Out) {
			status = "\x1b[" + colors[f.Status] + "m" + status + "\x1b[0m"
		}
		fmt.Fprintf(p.stdio.Out, "%s  %-*s  %s\n", status, width, f.Name, f.Detail)
		if f.Advice != "" {
			fmt.Fprintf(p.stdio.Out, "%*s%s\n", 11+width, "", f.Advice)
		}
	}
}

// verdictOf returns the error that doctor ends with; nil when nothing has failed.
func verdictOf(list []finding) error {
	failed := 0
	code := 0
	for _, f := range list {
		if f.Status == health.Failed {
			failed++
			code = cmp.Or(code, f.code, console.Failed)
		}
	}
	if failed == 0 {
		return nil
	}
	return &console.Error{Code: code, Message: plural(failed, "check") + " failed"}
}
