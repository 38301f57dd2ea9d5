package migrate_test

import (
	"log/slog"
	"testing"

	"github.com/kitgo/kit/database/lint"
	"github.com/kitgo/kit/database/migrate"
)

func TestLint(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		run(t, db, "CREATE TABLE users (id int, name varchar(50), old int, older int)")
		inGo := doing(2, "in_go", all("ALTER TABLE users DROP COLUMN older"))
		set := migrate.Set{
			List: []migrate.Migration{creating(1, "a"), inGo},
			Files: files(
				inGo.Name+".go", "package migrations\n\n// kit:accept drop-column nobody has read it since 1.4\nvar x = 1\n",
				"m20260103_000000_sql.up.sql", "ALTER TABLE users DROP COLUMN old;\n-- kit:accept delete-all it is a cache\nDELETE FROM users;\n",
			),
		}
		m, err := migrate.New(db, set, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		findings, incomplete, err := m.Lint(t.Context())
		if err != nil || len(incomplete) > 0 {
			t.Fatal(err, incomplete)
		}
		var got []string
		for _, f := range findings {
			got = append(got, f.Migration[len("m20260101_000000_"):]+" "+f.Rule+" "+f.Accepted)
		}
		equal(t, "findings", got, []string{"in_go drop-column nobody has read it since 1.4", "sql drop-column ", "sql delete-all it is a cache"})
		equal(t, "open", len(lint.Open(findings)), 1)
		if hasTable(t, db, "a") {
			t.Error("linting has changed something")
		}
		up(t, m)
		if findings, _, err := m.Lint(t.Context()); err != nil || len(findings) > 0 {
			t.Errorf("nothing is pending: %v, %v", findings, err)
		}
	})
}
