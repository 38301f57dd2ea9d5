package web

import (
	"net/http"
	"slices"
)

// Chain returns the middleware that runs all of mw, the first one first.
func Chain(mw ...Middleware) Middleware {
	return func(next http.Handler) http.Handler {
		for _, m := range slices.Backward(mw) {
			next = m(next)
		}
		return next
	}
}
