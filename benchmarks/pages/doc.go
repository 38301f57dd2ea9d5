// Package pages measures what pages, their assets and their types cost with Kit: pages
// beside the same written by hand with net/http and json.Marshal, and beside gonertia;
// assets beside nginx; `kit generate:types` for an application with 500 types. It judges
// nothing, but proves that all answer the same.
//
//	GOMAXPROCS=1 go test -run '^$' -bench . -benchmem -count 6 ./pages
//	go test -tags measure -run TestMeasure -v -count=1 ./pages
package pages
