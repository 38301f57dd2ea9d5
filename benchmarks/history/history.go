// Package history is the history of a schema that the programs of the benchmarks
// migrate, each with its own library: the same statements for all.
package history

import (
	"fmt"
	"time"
)

// Slow is how long the longest migration takes.
const Slow = 3 * time.Second

// Step is one migration.
type Step struct {
	// Date is year, month and day.
	Date int
	// Name says what it does, such as create_notes_1.
	Name string
	// Up and Down are one statement each.
	Up, Down string
}

// Steps returns the 20 migrations: ten tables, a column, an index or rows for each,
// and among them one that takes as long as Slow says. The dialect is postgres or
// mysql.
func Steps(dialect string) []Step {
	number, sleep := "bigserial", "SELECT 'slow' FROM pg_sleep(%g)"
	if dialect == "mysql" {
		number, sleep = "bigint AUTO_INCREMENT", "SELECT 'slow' FROM (SELECT sleep(%g)) s"
	}
	dropIndex := func(table, name string) string {
		if dialect == "mysql" {
			return "DROP INDEX " + name + " ON " + table
		}
		return "DROP INDEX " + name
	}
	var list []Step
	add := func(name, up, down string) {
		list = append(list, Step{20260101 + len(list), name, up, down})
	}
	for i := range 10 {
		table := fmt.Sprintf("notes_%d", i)
		add("create_"+table,
			"CREATE TABLE "+table+" (id "+number+" PRIMARY KEY, title varchar(200) NOT NULL, created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)",
			"DROP TABLE "+table)
		switch {
		case i == 4:
			add("fill_"+table, "INSERT INTO "+table+" (title) "+fmt.Sprintf(sleep, Slow.Seconds()), "DELETE FROM "+table)
		case i%3 == 0:
			add("index_"+table, "CREATE INDEX "+table+"_title ON "+table+" (title)", dropIndex(table, table+"_title"))
		case i%3 == 1:
			add("add_done_to_"+table, "ALTER TABLE "+table+" ADD COLUMN done boolean NOT NULL DEFAULT false", "ALTER TABLE "+table+" DROP COLUMN done")
		default:
			add("fill_"+table, "INSERT INTO "+table+" (title) VALUES ('one'), ('two'), ('three')", "DELETE FROM "+table)
		}
	}
	return list
}
