// Package leaktest finds goroutines that the tests of a package leave behind.
package leaktest

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"go.uber.org/goleak"
)

// patience is how long goroutines may take to end, on a busy machine.
const patience = 15 * time.Second

// Run runs the tests of a package by run, such as m.Run, and returns the exit code for
// os.Exit: 1 if a goroutine is left that was not there before, and is not in one of the
// functions that are allowed.
//
//	func TestMain(m *testing.M) { os.Exit(leaktest.Run(m.Run)) }
func Run(run func() int, allowed ...string) int {
	options := []goleak.Option{goleak.IgnoreCurrent()}
	for _, function := range allowed {
		options = append(options, goleak.IgnoreAnyFunction(function))
	}
	if code := run(); code != 0 {
		return code
	}
	if shared, ok := http.DefaultTransport.(*http.Transport); ok {
		shared.CloseIdleConnections()
	}
	for end := time.Now().Add(patience); ; {
		err := goleak.Find(options...)
		if err == nil {
			return 0
		}
		if time.Now().After(end) {
			fmt.Fprintln(os.Stderr, "goroutines are left when the tests have ended:", err)
			return 1
		}
	}
}
