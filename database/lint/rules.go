package lint

import "github.com/kitgo/kit/database"

// Rule is something that is looked for.
type Rule struct {
	Name string
	// Finds says what a finding means.
	Finds string
	texts map[database.Dialect]text
}

// Dialects returns the databases that the rule is about.
func (r Rule) Dialects() []database.Dialect {
	var list []database.Dialect
	for _, d := range []database.Dialect{database.Postgres, database.MySQL, database.SQLite} {
		if _, ok := r.texts[d]; ok {
			list = append(list, d)
		}
	}
	return list
}

// text is what a finding says.
type text struct{ problem, safe string }

// everywhere is a text that is the same on all databases.
func everywhere(problem, safe string) map[database.Dialect]text {
	t := text{problem, safe}
	return map[database.Dialect]text{database.Postgres: t, database.MySQL: t, database.SQLite: t}
}

// Rules returns all rules.
func Rules() []Rule { return rules() }

func ruleOf(name string) (Rule, bool) {
	for _, r := range rules() {
		if r.Name == name {
			return r, true
		}
	}
	return Rule{}, false
}

func rules() []Rule {
	const pg, my, lite = database.Postgres, database.MySQL, database.SQLite
	return []Rule{
		// What loses data or breaks the code of the release before.
		{"drop-table", "a table and its rows are lost; the code of the release before fails", everywhere(
			"the table's rows are lost, and programs that still run the old code fail",
			"stop using it in one release, drop it in the next; keep a dump")},
		{"drop-column", "a column and its values are lost; the code of the release before fails", everywhere(
			"the column's values are lost, and programs that still run the old code fail when they name it",
			"stop using it in one release, drop it in the next")},
		{"rename-table", "the code of the release before does not find the table", everywhere(
			"programs that still run the old code do not find the table",
			"create the new table, write to both, copy, read the new one, drop the old one: a release each; or leave a view of the old name")},
		{"rename-column", "the code of the release before does not find the column", everywhere(
			"programs that still run the old code do not find the column",
			"add the new column, write to both, copy, read the new one, drop the old one: a release each")},
		{"change-type", "the table is rewritten under a lock, or values change", map[database.Dialect]text{
			pg: {"unless it is only a longer text, the table is rewritten while nobody can read or write it, and the old code may not fit the new type", "add a column of the new type, write to both, copy in batches, switch, drop the old one"},
			my: {"unless it is only a longer text, the table is copied while nobody can write to it, and the old code may not fit the new type", "add a column of the new type, write to both, copy in batches, switch, drop the old one"},
		}},
		{"add-not-null", "rows that exist, or inserts of the release before, have no value for the column", map[database.Dialect]text{
			pg:   {"it fails when the table has rows, and inserts of the old code fail afterwards", "give it a default, or add it nullable, fill it, and set NOT NULL in the next release"},
			my:   {"rows that exist get an empty value, and inserts of the old code fail afterwards", "give it a default, or add it nullable, fill it, and set NOT NULL in the next release"},
			lite: {"SQLite refuses it", "give it a default"},
		}},
		{"drop-type", "what uses the type or schema is lost", everywhere(
			"what it contains, and programs that still use it, fail",
			"drop it in a release after the one that stopped using it")},
		{"rename-value", "the code of the release before writes a value that is gone", map[database.Dialect]text{
			pg: {"programs that still run the old code write the old value and fail", "add the new value, use it, and leave the old one"},
		}},
		{"delete-all", "all rows are lost", everywhere(
			"all rows of the table are deleted",
			"name the rows with WHERE; if all are meant, accept this with a reason")},

		// What locks or rewrites a table.
		{"update-all", "every row is locked, in one long transaction", everywhere(
			"every row is written in one transaction: other writers wait for its end, and the table grows by its own size",
			"update in batches by key, each in its own transaction (NoTransaction), or in a command")},
		{"set-not-null", "the table is read under a lock", map[database.Dialect]text{
			pg: {"the whole table is read while nobody can read or write it", "ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID; in another migration VALIDATE CONSTRAINT, then SET NOT NULL, then drop the constraint"},
		}},
		{"table-rewrite", "the table is rewritten under a lock", map[database.Dialect]text{
			pg: {"a value is written into every row while nobody can read or write the table", "add the column without it, set the default for new rows, fill the old ones in batches"},
		}},
		{"table-copy", "the table is copied under a lock", map[database.Dialect]text{
			my: {"the table is copied while nobody can write to it", "use pt-online-schema-change or gh-ost, or a quiet hour"},
		}},
		{"table-rebuild", "the table is copied under the write lock", map[database.Dialect]text{
			lite: {"the table is copied while nobody can write to the database; columns that are missing in the copy are lost", "do it while the table is small, or in a quiet hour; make sure that the copy has all columns that the old code uses"},
		}},
		{"index-not-concurrent", "writes wait until the index is built", map[database.Dialect]text{
			pg: {"nobody can write to the table until the index is built", "CREATE INDEX CONCURRENTLY in a migration with NoTransaction"},
		}},
		{"concurrent-in-transaction", "PostgreSQL refuses it", map[database.Dialect]text{
			pg: {"it fails: CONCURRENTLY cannot run in a transaction", "set NoTransaction (in an SQL file: a first line -- kit:no-transaction)"},
		}},
		{"add-unique", "reads and writes wait until the index is built", map[database.Dialect]text{
			pg: {"nobody can read or write the table until the index is built, and it fails when two rows are equal", "CREATE UNIQUE INDEX CONCURRENTLY with NoTransaction, then ADD CONSTRAINT … UNIQUE USING INDEX"},
		}},
		{"add-primary-key", "reads and writes wait until the index is built", map[database.Dialect]text{
			pg: {"nobody can read or write the table until the index is built", "CREATE UNIQUE INDEX CONCURRENTLY with NoTransaction, then ADD CONSTRAINT … PRIMARY KEY USING INDEX"},
			my: {"the table is written anew by its new key", "use pt-online-schema-change or gh-ost, or a quiet hour"},
		}},
		{"add-foreign-key", "writes to both tables wait until every row is checked", map[database.Dialect]text{
			pg: {"nobody can write to the two tables until every row is checked", "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in another migration"},
			my: {"the table is copied while nobody can write to it", "add it while the table is small, or in a quiet hour"},
		}},
		{"add-check", "reads and writes wait until every row is checked", map[database.Dialect]text{
			pg: {"nobody can read or write the table until every row is checked", "ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in another migration"},
			my: {"the table is copied while nobody can write to it", "add it while the table is small, or in a quiet hour"},
		}},
		{"validate-in-transaction", "the lock of adding the constraint is kept while every row is checked", map[database.Dialect]text{
			pg: {"the lock that adding the constraint took is kept until every row is checked", "VALIDATE CONSTRAINT in a migration of its own"},
		}},
		{"lock-table", "everybody waits for the end of the migration", everywhere(
			"programs that use the table wait for the end of the migration",
			"leave it out, or keep the migration short")},
		{"bad-accept", "a comment accepts nothing", everywhere("", "")},
	}
}
