// Package benchmarks measures how fast applications of Kit start and migrate, beside
// the library goose. It is a module of its own, so that what it compares with is no
// dependency of the framework. `make bench` runs it; it judges nothing, and prints
// the tables of docs/benchmarks.md.
//
//	go test -v -count=1 .
package benchmarks
