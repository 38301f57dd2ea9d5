// Package place says where in the source something was written, for messages about
// mistakes that a program finds when it starts: two routes of one pattern are found
// by the line of each.
package place

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
)

// Place is a line of the source. The zero value is unknown.
type Place struct {
	file string
	line int

	function string // of the line, with the path of its package; "" when not known
}

// String returns the file's name without its folder, and the line: routes.go:14.
func (p Place) String() string {
	if p.file == "" {
		return "an unknown place"
	}
	return fmt.Sprintf("%s:%d", filepath.Base(p.file), p.line)
}

// Path returns the file with its path, and the line; "" for an unknown place.
func (p Place) Path() string {
	if p.file == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// Caller returns the line that called the function which calls Caller.
func Caller() Place {
	_, file, line, _ := runtime.Caller(2)
	return Place{file: file, line: line}
}

// Func returns the line at which the function f begins; unknown for a nil one.
func Func(f any) Place {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		return Place{}
	}
	file, line := runtime.FuncForPC(v.Pointer()).FileLine(v.Pointer())
	return Place{file: file, line: line}
}

// Outside returns the nearest caller that is not in one of some packages, which are
// written with their path, such as "database/sql".
func Outside(packages ...string) Place {
	counters := make([]uintptr, 32)
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters)])
	for {
		frame, more := frames.Next()
		if !within(frame.Function, packages) {
			return Place{frame.File, frame.Line, frame.Function}
		}
		if !more {
			return Place{}
		}
	}
}

// In reports whether a place that [Outside] found is in one of some packages or below
// them.
func (p Place) In(packages ...string) bool { return within(p.function, packages) }

// within reports whether a function is in one of some packages or below them.
func within(function string, packages []string) bool {
	for _, p := range packages {
		if rest, ok := strings.CutPrefix(function, p); ok && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/")) {
			return true
		}
	}
	return false
}
