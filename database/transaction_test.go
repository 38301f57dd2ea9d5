package database_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

var errOops = errors.New("oops")

// addTag knows only the database, as the functions of an application do.
func addTag(ctx context.Context, db *database.DB, name string) error {
	return database.Insert(ctx, db, &Tag{Name: name})
}

func tagNames(t *testing.T, db *database.DB) []string {
	t.Helper()
	list, err := database.Pluck[string](t.Context(), database.From[Tag](db).OrderBy("id"), "name")
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAContextCarriesItsTransaction(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, &database.Options{MaxConnections: 1}) // a second connection would be waited for
		tables(t, db)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		var told []string
		err := database.Tx(ctx, db, func(ctx context.Context) error {
			db.AfterCommit(ctx, func(ctx context.Context) {
				n, err := database.From[Tag](db).Count(ctx)
				told = append(told, fmt.Sprint("after all: ", n, err))
			})
			if err := addTag(ctx, db, "kept"); err != nil {
				return err
			}
			failed := database.Tx(ctx, db, func(ctx context.Context) error {
				db.AfterCommit(ctx, func(context.Context) { told = append(told, "of the part that failed") })
				return errors.Join(addTag(ctx, db, "undone"), errOops)
			})
			if !errors.Is(failed, errOops) {
				t.Errorf("the part that fails: %v", failed)
			}
			// PostgreSQL refuses everything after an error until the savepoint.
			broken := database.Tx(ctx, db, func(ctx context.Context) error {
				_, err := db.ExecContext(ctx, "INSERT INTO no_such_table VALUES (1)")
				return err
			})
			if broken == nil {
				t.Error("a broken part is no error")
			}
			late := database.Tx(ctx, db, func(ctx context.Context) error {
				ctx, cancel := context.WithCancel(ctx)
				err := addTag(ctx, db, "cancelled")
				cancel()
				return errors.Join(err, ctx.Err())
			})
			if !errors.Is(late, context.Canceled) {
				t.Errorf("a part that is cancelled: %v", late)
			}
			if err := database.Tx(ctx, db, func(ctx context.Context) error {
				db.AfterCommit(ctx, func(context.Context) { told = append(told, "after the part") })
				_, err := db.Bun().NewInsert().Model(&Tag{Name: "by bun"}).Exec(ctx)
				return err
			}); err != nil {
				return err
			}
			var n int
			if err := db.QueryRowContext(ctx, "SELECT count(*) FROM tags").Scan(&n); err != nil || n != 2 {
				t.Errorf("within the transaction there are %d tags, %v", n, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := tagNames(t, db); !slices.Equal(got, []string{"kept", "by bun"}) {
			t.Errorf("there are the tags %q", got)
		}
		if want := []string{"after all: 2 <nil>", "after the part"}; !slices.Equal(told, want) {
			t.Errorf("after the commit: %q, want %q", told, want)
		}

		told = nil
		err = database.Tx(ctx, db, func(ctx context.Context) error {
			db.AfterCommit(ctx, func(context.Context) { told = append(told, "never") })
			return errors.Join(addTag(ctx, db, "rolled back"), errOops)
		})
		if !errors.Is(err, errOops) || told != nil || len(tagNames(t, db)) != 2 {
			t.Errorf("a transaction that fails: %v, %q", err, told)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is gone")
				}
			}()
			_ = database.Tx(ctx, db, func(ctx context.Context) error {
				_ = addTag(ctx, db, "of a panic")
				panic("oops")
			})
		}()
		if got := tagNames(t, db); len(got) != 2 {
			t.Errorf("after a panic there are the tags %q", got)
		}
		db.AfterCommit(ctx, func(context.Context) { told = append(told, "at once") })
		if len(told) != 1 {
			t.Error("AfterCommit outside of a transaction does not call")
		}
	})
}

func TestReadOnlyTransactions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		tables(t, db)
		err := database.TxWith(t.Context(), db, database.TxOptions{ReadOnly: true}, func(ctx context.Context) error {
			if _, err := database.From[Tag](db).All(ctx); err != nil {
				t.Error(err)
			}
			return addTag(ctx, db, "x")
		})
		if err == nil && url != "sqlite://:memory:" {
			t.Error("a transaction that only reads has written")
		}
		err = database.Tx(t.Context(), db, func(ctx context.Context) error {
			return database.TxWith(ctx, db, database.TxOptions{ReadOnly: true}, func(context.Context) error { return nil })
		})
		if err == nil {
			t.Error("a part with options of its own is no error")
		}
	})
}

// A transaction of one database is not that of another.
func TestTransactionsOfTwoDatabases(t *testing.T) {
	t.Parallel()
	a, b := open(t, dbtest.SQLite(t), nil), open(t, dbtest.SQLite(t), nil)
	tables(t, a)
	tables(t, b)
	err := database.Tx(t.Context(), a, func(ctx context.Context) error {
		return errors.Join(addTag(ctx, a, "a"), addTag(ctx, b, "b"), errOops)
	})
	if !errors.Is(err, errOops) || len(tagNames(t, a)) != 0 || len(tagNames(t, b)) != 1 {
		t.Errorf("%v; %q and %q", err, tagNames(t, a), tagNames(t, b))
	}
}

// Many readers and writers, in and outside of transactions, on one file: nobody is
// told that the database is locked, and readers do not wait for a slow writer.
func TestSQLiteReadersAndWriters(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.SQLite(t), nil)
	tables(t, db)
	ctx := t.Context()
	errs := make(chan error)
	for i := range 4 {
		go func() {
			for j := range 50 {
				err := database.Tx(ctx, db, func(ctx context.Context) error {
					n, err := database.From[Tag](db).Count(ctx) // reads first, then writes
					if err != nil {
						return err
					}
					return addTag(ctx, db, fmt.Sprint(i, j, n))
				})
				if err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 8 {
		go func() {
			for range 100 {
				if _, err := database.From[Tag](db).OrderBy("id").Limit(10).All(ctx); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range 12 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if got := tagNames(t, db); len(got) != 200 {
		t.Errorf("%d of 200 tags are there", len(got))
	}
	err := database.Tx(ctx, db, func(tx context.Context) error {
		if err := addTag(tx, db, "not yet"); err != nil {
			return err
		}
		quick, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		n, err := database.From[Tag](db).Count(quick) // beside the transaction
		if n != 200 {
			t.Errorf("a reader beside a transaction sees %d tags", n)
		}
		if e := addTag(quick, db, "a second writer"); e == nil {
			t.Error("two writers at once")
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
