package console

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Exit codes. 69, 75 and 78 are those of sysexits(3).
const (
	OK          = 0  // done
	Failed      = 1  // the work failed
	Usage       = 2  // unknown command or flag, wrong arguments
	Unavailable = 69 // something the program needs cannot be reached
	TryAgain    = 75 // a lock was not free in time; later it may work
	BadConfig   = 78 // a missing or malformed setting
)

// Error is an error with an exit code and advice.
type Error struct {
	Code    int    // exit code; 0 counts as [Failed]
	Message string // one line
	Advice  string // one line that says what to do; may be empty
	Err     error  // the cause; may be nil, is not printed
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ExitCode returns the exit code that the error asks for.
func (e *Error) ExitCode() int {
	if e.Code == 0 {
		return Failed
	}
	return e.Code
}

// Hint returns the advice.
func (e *Error) Hint() string { return e.Advice }

// Answered marks the error of a command that has printed its JSON document already,
// so that no second one with the error follows.
func Answered(err error) error {
	if err == nil {
		return nil
	}
	return answered{err}
}

type answered struct{ error }

func (a answered) Unwrap() error { return a.error }

// ExitCode returns the exit code for err: what the first error in its tree with
// an ExitCode() int method says, else [Failed]; [OK] for nil.
func ExitCode(err error) int {
	if err == nil {
		return OK
	}
	if coder, ok := errors.AsType[interface {
		error
		ExitCode() int
	}](err); ok {
		return coder.ExitCode()
	}
	return Failed
}

// Hint returns the advice of the first error in err's tree that gives one with a
// Hint() string method, else "".
func Hint(err error) string {
	if hinter, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		return hinter.Hint()
	}
	return ""
}

// PrintError writes err for people: a line "error: …" for each of the errors
// joined in it, and a line "hint: …" after those that give advice.
func PrintError(w io.Writer, err error) {
	errorLabel, hintLabel := "error:", "hint:"
	if Colors(w) {
		errorLabel, hintLabel = "\x1b[31merror:\x1b[0m", "\x1b[36mhint:\x1b[0m"
	}
	for _, e := range flatten(err) {
		fmt.Fprintln(w, errorLabel, oneLine(e.Error()))
		if hint := Hint(e); hint != "" {
			fmt.Fprintln(w, hintLabel, oneLine(hint))
		}
	}
}

// flatten returns the errors joined in err by [errors.Join], or err alone.
func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var list []error
	for _, e := range joined.Unwrap() {
		list = append(list, flatten(e)...)
	}
	return list
}

func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
}
