// Package place says where in the source something was written, for messages about
// mistakes that a program finds when it starts: two routes of one pattern are found
// by the line of each.
package place

import (
	"fmt"
	"path/filepath"
	"reflect"
	"runtime"
)

// Place is a line of the source. The zero value is unknown.
type Place struct {
	file string
	line int
}

// String returns the file's name without its folder, and the line: routes.go:14.
func (p Place) String() string {
	if p.file == "" {
		return "an unknown place"
	}
	return fmt.Sprintf("%s:%d", filepath.Base(p.file), p.line)
}

// Caller returns the line that called the function which calls Caller.
func Caller() Place {
	_, file, line, _ := runtime.Caller(2)
	return Place{file, line}
}

// Func returns the line at which the function f begins; unknown for a nil one.
func Func(f any) Place {
	v := reflect.ValueOf(f)
	if v.Kind() != reflect.Func || v.IsNil() {
		return Place{}
	}
	file, line := runtime.FuncForPC(v.Pointer()).FileLine(v.Pointer())
	return Place{file, line}
}
