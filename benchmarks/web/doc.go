// Package web measures routing and the reading of input with Kit beside bare net/http,
// chi, echo and gin, each set up as its users would do it, with the same work. It
// judges nothing.
//
//	GOMAXPROCS=1 go test -run '^$' -bench . -benchmem -count 5 ./web
//
// Without -bench, the tests prove that all contestants answer the same.
package web
