package database_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestSlowQueriesAreLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db := open(t, dbtest.Postgres(t), &database.Options{SlowQuery: 50 * time.Millisecond, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	tables(t, db)
	ctx := t.Context()
	if err := database.Insert(ctx, db, &Tag{Name: "x"}); err != nil {
		t.Fatal(err)
	}
	if _, err := database.From[Tag](db).Where("name = ? AND pg_sleep(0.001) IS NULL", "quick").All(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := database.From[Tag](db).Where("pg_sleep(0.06) IS NULL OR name <> ?", "sl'ow").Exists(ctx); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "SELECT pg_sleep(0.06)")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "CREATE") })
	if len(lines) != 2 || strings.Contains(log.String(), "quick") {
		t.Fatalf("the log:\n%s", log.String())
	}
	for _, line := range lines {
		if !strings.Contains(line, `level=WARN msg="slow query"`) || !strings.Contains(line, "at=log_test.go:") && !strings.Contains(line, "at=database_test.go:") {
			t.Errorf("it lacks the level or the place: %s", line)
		}
	}
	if !strings.Contains(lines[0], `name <> 'sl''ow'`) {
		t.Errorf("it lacks the values: %s", lines[0])
	}
}

func TestRepeatedQueriesAreLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db := open(t, dbtest.SQLite(t), &database.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	tables(t, db)
	ask := func(ctx context.Context, n int) {
		for i := range n {
			if _, err := database.From[Tag](db).Where("name = ?", fmt.Sprint(i)).All(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	ask(t.Context(), 30)
	ask(database.WatchRepeats(t.Context()), 10)
	if log.Len() > 0 {
		t.Errorf("nothing to say:\n%s", log.String())
	}
	ask(database.WatchRepeats(t.Context()), 30)
	if text := log.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "again and again") || !strings.Contains(text, "at=log_test.go:") || !strings.Contains(text, "name = ?") {
		t.Errorf("thirty of the same:\n%s", text)
	}
}

func TestMinConnections(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	db := open(t, url, &database.Options{MinConnections: 4})
	if err := db.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'").Scan(&n); err != nil || n != 4 {
		t.Errorf("%d connections, %v, want 4", n, err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const good = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
	for text, ok := range map[string]bool{good: true, "base64:" + good: true, "short": false, "": false, "MDEyMw==": false} {
		var k database.Key
		if err := k.UnmarshalText([]byte(text)); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
		if strings.Contains(fmt.Sprint(k), "0123") {
			t.Error("a key shows itself")
		}
	}
}
