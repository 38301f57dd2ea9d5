package kittest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// sqls is a history of one migration with these statements.
func sqls(statements ...string) migrate.Set {
	return migrate.Set{List: []migrate.Migration{{
		Name: "m20260101_000000_all",
		Up: func(ctx context.Context, s *schema.Builder) error {
			for _, statement := range statements {
				if err := s.Exec(ctx, statement); err != nil {
					return err
				}
			}
			return nil
		},
	}}}
}

var mysqlFeatures = []string{
	"CREATE TABLE a_children (id bigint PRIMARY KEY, parent_id bigint, CONSTRAINT child FOREIGN KEY (parent_id) REFERENCES `z``parents` (id) ON DELETE CASCADE)",
	"CREATE TABLE log (id bigint AUTO_INCREMENT PRIMARY KEY, what varchar(40) DEFAULT '\\?''?') AUTO_INCREMENT = 100",
	"CREATE TRIGGER one BEFORE INSERT ON a_children FOR EACH ROW BEGIN INSERT INTO log (what) VALUES ('one'); END",
	"CREATE TRIGGER a_second BEFORE INSERT ON a_children FOR EACH ROW FOLLOWS one INSERT INTO log () VALUES ()",
	"INSERT INTO `z``parents` (id, price) VALUES (1, 3), (2, 4)",
	"SET SESSION sql_mode = concat(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')",
	"INSERT INTO log (id, what) VALUES (0, 'größe \\?')",
	"SET SESSION sql_mode = replace(@@sql_mode, 'NO_AUTO_VALUE_ON_ZERO', '')",
	"INSERT INTO a_children VALUES (1, 1)",
}

const mysqlParents = "CREATE TABLE `z``parents` (id bigint PRIMARY KEY, price int NOT NULL, doubled int AS (price * 2) STORED, thrice int AS (price * 3) VIRTUAL, KEY (doubled))"

// mysqlAnswers shows what is in such a database, and that its rules hold.
func mysqlAnswers(t *testing.T, db *database.DB) []string {
	t.Helper()
	var all []string
	ask := func(query string) {
		t.Helper()
		list, err := texts(t.Context(), db.SQL(), query)
		all = append(all, query+": "+strings.Join(list, ", "))
		if err != nil {
			all = append(all, err.Error())
		}
	}
	do := func(statement string) {
		t.Helper()
		if _, err := db.SQL().ExecContext(t.Context(), statement); err != nil {
			all = append(all, fmt.Sprintf("%s: error %d", statement, number(err)))
		}
	}
	for _, table := range []string{"a_children", "log", "`z``parents`", "kit_migrations"} {
		text, err := shown(t.Context(), db.SQL(), "SHOW CREATE TABLE "+table, 1)
		if err != nil {
			t.Error(err)
		}
		all = append(all, text)
	}
	do("INSERT INTO a_children VALUES (2, 2)")
	do("INSERT INTO a_children VALUES (3, 3)") // refused
	do("DELETE FROM `z``parents` WHERE id = 1")
	ask("SELECT concat_ws(' ', id, price, doubled, thrice) FROM `z``parents`")
	ask("SELECT concat_ws(' ', id, parent_id) FROM a_children")
	ask("SELECT concat_ws(' ', id, what) FROM log ORDER BY id")
	ask("SELECT name FROM kit_migrations")
	ask("SELECT concat_ws(' ', trigger_name, action_order, sql_mode) FROM information_schema.triggers WHERE trigger_schema = database() ORDER BY 1")
	ask("SELECT concat(@@character_set_database, @@collation_database)")
	return all
}

func TestACopyOfMySQLIsLikeAMigratedDatabase(t *testing.T) {
	t.Parallel()
	statements := append([]string{mysqlParents}, mysqlFeatures...)
	for name, set := range map[string]migrate.Set{
		"replayed":    sqls(statements...),
		"with a view": sqls(append(statements, "CREATE VIEW what AS SELECT id FROM log")...),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := dbtest.MariaDB(t)
			admin := open(t, config(url))
			if _, err := admin.ExecContext(t.Context(), "ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_german1_ci"); err != nil {
				t.Fatal(err)
			}
			var all templates
			copied := fresh(t, &all, url, set)
			migrated := fresh(t, &all, url, migrate.Set{})
			if err := up(t.Context(), migrated, set); err != nil {
				t.Fatal(err)
			}
			if name == "with a view" {
				for _, db := range []*database.DB{copied, migrated} {
					if list, err := texts(t.Context(), db.SQL(), "SELECT id FROM what"); err != nil || len(list) != 3 {
						t.Errorf("the view has %q, %v", list, err)
					}
				}
			}
			want, got := mysqlAnswers(t, migrated), mysqlAnswers(t, copied)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the copy (-migrated +copied):\n%s", diff)
			}
		})
	}
}

func TestASchemaThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	db := open(t, config(dbtest.MariaDB(t)))
	if _, err := shown(t.Context(), db.SQL(), "SHOW TABLES", 0); err == nil || !strings.Contains(err.Error(), "SHOW TABLES returned nothing") {
		t.Errorf("error %v", err)
	}
	r := recording{tables: []string{"CREATE TABLE broken"}}
	if err := r.replay(t.Context(), db.SQL()); number(errors.Unwrap(err)) == 0 || !strings.HasPrefix(err.Error(), "CREATE TABLE broken: ") {
		t.Errorf("error %v", err)
	}
}
