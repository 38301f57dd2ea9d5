package kittest

import (
	"strings"
	"testing"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestAUserWhoMayNotCreateDatabases(t *testing.T) {
	t.Parallel()
	postgres, mariadb := dbtest.StartPostgres(t), dbtest.StartMariaDB(t)
	postgres.CreateDatabase(t, "door")
	mariadb.CreateDatabase(t, "door")
	for url, want := range map[string]string{
		postgres.WithPassword(t, "door", "secret"): "permission denied to create database",
		mariadb.WithPassword(t, "door", "secret"):  "Access denied for user 'owner_of_door'@'%' to database 'kit_test_",
	} {
		var all templates
		_, err := all.make(t.Context(), t, url, migrate.Set{})
		if err == nil {
			t.Fatalf("%s may", url)
		}
		text := explain(err)
		for _, part := range []string{want, "TEST_DATABASE_URL: ", "let its user make ", "or unset TEST_DATABASE_URL"} {
			if !strings.Contains(text, part) {
				t.Errorf("no %q in: %s", part, text)
			}
		}
	}
}

// What the messages and docs/testing.md advise is enough.
func TestTheRightsThatAreAdvised(t *testing.T) {
	t.Parallel()
	postgres, mariadb := dbtest.StartPostgres(t), dbtest.StartMariaDB(t)
	postgres.CreateDatabase(t, "door")
	mariadb.CreateDatabase(t, "door")
	for url, grant := range map[string][2]string{
		postgres.WithPassword(t, "door", "secret"): {postgres.URL("door"), "ALTER ROLE owner_of_door CREATEDB"},
		mariadb.WithPassword(t, "door", "secret"):  {mariadb.URL("door"), "GRANT ALL PRIVILEGES ON `kit\\_test\\_%`.* TO 'owner_of_door'@'%'"},
	} {
		admin := open(t, config(grant[0]))
		if _, err := admin.ExecContext(t.Context(), grant[1]); err != nil {
			t.Fatal(err)
		}
		var all templates
		insert(t, fresh(t, &all, url, teams(nil)), "mine")
	}
}
