// Package data measures reading and writing rows with Kit beside database/sql by hand,
// sqlx, bun and GORM, on SQLite and on PostgreSQL. It judges nothing.
//
//	go test -run '^$' -bench . ./data
//	go test -tags measure -run TestMeasure -v -count=1 -timeout 30m -benchtime 200ms ./data
//	go test -tags measure -run TestMeasureGrowth -v -count=1 -benchtime 200ms ./data
//	go test -tags measure -run TestContention -v -count=1 ./data
//
// The second prints the table of docs/benchmarks.md, and what the third prints alone: what
// many models and columns cost. The last is about what readers and writers of one SQLite
// file do to each other. Without the tag and -bench, the tests prove that
// all contestants read and write the same.
//
// Each contestant is set up as its users would do it: with pgx on PostgreSQL and
// modernc.org/sqlite on SQLite, in databases of its own with the same rows. GORM's
// driver for SQLite links mattn/go-sqlite3, too, but works on the pool that it is given;
// CGO_ENABLED=0 spares compiling that one.
package data
