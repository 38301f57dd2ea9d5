package kittest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
)

// AssertHas fails the test when the table of T has no row for which a condition holds.
// The condition is that of [database.Query.Where]; an empty one holds for all rows. Rows
// that are deleted softly do not count. The test goes on.
//
//	kittest.AssertHas[models.User](t, db, "email = ?", "ann@example.com")
func AssertHas[T any](tb testing.TB, c database.Conn, cond string, args ...any) {
	tb.Helper()
	if n, ok := count[T](tb, c, cond, args); ok && n == 0 {
		tb.Errorf("no %s", describe[T](tb, c, cond, args))
	}
}

// AssertMissing fails the test when the table of T has a row for which a condition
// holds, as [AssertHas] reads it.
func AssertMissing[T any](tb testing.TB, c database.Conn, cond string, args ...any) {
	tb.Helper()
	if n, ok := count[T](tb, c, cond, args); ok && n > 0 {
		tb.Errorf("%d times %s", n, describe[T](tb, c, cond, args))
	}
}

// AssertCount fails the test when the table of T has more or fewer rows for which a
// condition holds, as [AssertHas] reads it.
func AssertCount[T any](tb testing.TB, c database.Conn, want int, cond string, args ...any) {
	tb.Helper()
	if n, ok := count[T](tb, c, cond, args); ok && n != want {
		tb.Errorf("%d times, want %d: %s", n, want, describe[T](tb, c, cond, args))
	}
}

func query[T any](c database.Conn, cond string, args []any) *database.Query[T] {
	q := database.From[T](c)
	if cond != "" {
		q.Where(cond, args...)
	}
	return q
}

func count[T any](tb testing.TB, c database.Conn, cond string, args []any) (n int, ok bool) {
	tb.Helper()
	n, err := query[T](c, cond, args).Count(context.WithoutCancel(tb.Context())) // also in a Cleanup
	if err != nil {
		tb.Error(err)
	}
	return n, err == nil
}

// shownRows is how many rows a failure shows.
const shownRows = 5

// describe says what was looked for, and what is there.
func describe[T any](tb testing.TB, c database.Conn, cond string, args []any) string {
	var b strings.Builder
	b.WriteString(reflect.TypeFor[T]().String())
	if cond != "" {
		fmt.Fprintf(&b, " with %s %v", cond, args)
	}
	rows, err := database.From[T](c).Limit(shownRows + 1).All(context.WithoutCancel(tb.Context()))
	if err != nil {
		return b.String()
	}
	fmt.Fprintf(&b, "; the table has%s", map[bool]string{true: " no rows", false: ""}[len(rows) == 0])
	for _, row := range rows[:min(len(rows), shownRows)] {
		fmt.Fprintf(&b, "\n\t%+v", row)
	}
	if len(rows) > shownRows {
		b.WriteString("\n\t...")
	}
	return b.String()
}
