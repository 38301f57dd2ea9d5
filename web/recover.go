package web

import (
	"errors"
	"net/http"
	"runtime"
	"runtime/debug"
)

// Recover turns a panic into an answer with status 500, as [WriteError] does with a
// [*Panic]. [http.ErrAbortHandler] passes: it means that the connection should be cut.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, r := scoped(r)
		seen := w
		if !observes(w) {
			seen = s.observe(w)
		}
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value)
			}
			begun := Begun(seen)
			callers := make([]uintptr, 32)
			p := &Panic{Value: value, Stack: debug.Stack(), callers: callers[:runtime.Callers(3, callers)]}
			WriteError(seen, r, p)
			if begun {
				// The client must see that the answer is not whole.
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}
