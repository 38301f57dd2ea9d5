//go:build unix

package dbtest_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestEachCallGivesAnEmptyDatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for range 2 {
		conn, err := pgx.Connect(t.Context(), dbtest.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "CREATE TABLE things (id int)"); err != nil {
			t.Error(err)
		}
	}
	if a, b := dbtest.SQLite(t), dbtest.SQLite(t); a == b {
		t.Errorf("two SQLite databases have the same URL %s", a)
	}
}

func TestADatabaseIsDroppedAtTheEndOfItsTestThoughConnectionsAreOpen(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("inner", func(t *testing.T) {
		url = dbtest.Postgres(t)
		if _, err := pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	})
	if err := answer(t.Context(), url); err == nil || !strings.Contains(err.Error(), "3D000") {
		t.Errorf("connecting after the test: %v, want that the database does not exist", err)
	}
}

func TestAServerStopsAndStartsWithItsData(t *testing.T) {
	t.Parallel()
	s := dbtest.StartPostgres(t)
	s.CreateDatabase(t, "app")
	s.Stop()
	s.Start()
	if err := answer(t.Context(), s.URL("app")); err != nil {
		t.Error(err)
	}
}

func TestAUserWithAPasswordNeedsIt(t *testing.T) {
	t.Parallel()
	s := dbtest.StartPostgres(t)
	s.CreateDatabase(t, "app")
	url := s.WithPassword(t, "app", "it's right")
	if err := answer(t.Context(), url); err != nil {
		t.Error(err)
	}
	if err := answer(t.Context(), strings.Replace(url, "right", "wrong", 1)); err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("a wrong password: %v", err)
	}
}
