// Package findings is what the doctor commands have to say: one line a thing, the advice
// below what needs it, and an exit code for all of them.
package findings

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/health"
)

// Finding is what there is to say about one thing.
type Finding struct {
	Name   string        `json:"name"`
	Status health.Status `json:"status"`
	Detail string        `json:"detail"`
	Advice string        `json:"advice"`

	Code int `json:"-"` // the exit code when it is the first that failed
}

// Well returns the finding that something is as it should be.
func Well(name, format string, args ...any) Finding {
	return Finding{Name: name, Status: health.OK, Detail: fmt.Sprintf(format, args...)}
}

// Doubtful returns a finding that does not count as a failure.
func Doubtful(name, advice, format string, args ...any) Finding {
	return Finding{Name: name, Status: health.Warning, Detail: fmt.Sprintf(format, args...), Advice: advice}
}

// Broken returns the finding of an error, whose exit code and advice are the error's.
func Broken(name string, err error) Finding {
	return Finding{Name: name, Status: health.Failed, Detail: strings.Join(strings.Fields(err.Error()), " "), Advice: console.Hint(err), Code: console.ExitCode(err)}
}

// BrokenAll returns a finding for each of the errors that are joined in one.
func BrokenAll(name string, err error) []Finding {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []Finding{Broken(name, err)}
	}
	var list []Finding
	for _, e := range joined.Unwrap() {
		list = append(list, BrokenAll(name, e)...)
	}
	return list
}

// Print writes findings in columns, with the advice below what needs it.
func Print(w io.Writer, list []Finding) {
	colors := map[health.Status]string{health.OK: "32", health.Warning: "33", health.Failed: "31"}
	width := 0
	for _, f := range list {
		width = max(width, len(f.Name))
	}
	for _, f := range list {
		status := fmt.Sprintf("%-7s", f.Status)
		if console.Colors(w) {
			status = "\x1b[" + colors[f.Status] + "m" + status + "\x1b[0m"
		}
		fmt.Fprintf(w, "%s  %-*s  %s\n", status, width, f.Name, f.Detail)
		if f.Advice != "" {
			fmt.Fprintf(w, "%*s%s\n", 11+width, "", f.Advice)
		}
	}
}

// Verdict returns the error that a doctor ends with; nil when nothing has failed.
func Verdict(list []Finding) error {
	failed := 0
	code := 0
	for _, f := range list {
		if f.Status == health.Failed {
			failed++
			code = cmp.Or(code, f.Code, console.Failed)
		}
	}
	switch failed {
	case 0:
		return nil
	case 1:
		return &console.Error{Code: code, Message: "1 check failed"}
	default:
		return &console.Error{Code: code, Message: fmt.Sprintf("%d checks failed", failed)}
	}
}
