package env

import "fmt"

// Error is a variable that is missing or whose value cannot be used.
type Error struct {
	Variable string // its name
	Value    string // what it was set to; secrets must be redacted before
	Problem  string // completes a sentence: "is not set", "is not a whole number"
	Advice   string // one line that says what to do
	Err      error  // the cause; may be nil
}

// Error returns one line that names the variable, its value and the problem.
func (e *Error) Error() string {
	if e.Value == "" {
		return e.Variable + " " + e.Problem
	}
	return fmt.Sprintf("%s=%q %s", e.Variable, e.Value, e.Problem)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Hint returns the advice.
func (e *Error) Hint() string { return e.Advice }

// ExitCode returns 78, EX_CONFIG of sysexits(3).
func (e *Error) ExitCode() int { return 78 }
