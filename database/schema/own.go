package schema

import (
	"context"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// Own are tables that a package keeps for itself in an application's database, outside
// of the application's migrations: they are made when they are needed first, in this
// order, also when several processes need them at once.
type Own []OwnTable

// OwnTable is one of [Own].
type OwnTable struct {
	Name   string
	Define func(*Table)
}

// With calls f, and again after making the tables when one is not there.
func (o Own) With(ctx context.Context, db *database.DB, f func() error) error {
	if err := f(); err == nil {
		return nil
	}
	if o.Missing(ctx, db) {
		if err := o.Create(ctx, db); err != nil && o.Missing(ctx, db) { // else another process was faster
			return fmt.Errorf("create %s: %w", o, err)
		}
	}
	return f() // also when another process made the table since
}

// Missing reports whether the tables are not there yet: the last one is made last.
func (o Own) Missing(ctx context.Context, db *database.DB) bool {
	found, err := New(db).HasTable(ctx, o[len(o)-1].Name)
	return err == nil && !found
}

// String names the tables, for errors.
func (o Own) String() string {
	var names []string
	for _, t := range o {
		names = append(names, t.Name)
	}
	if len(names) == 1 {
		return "the table " + names[0]
	}
	return "the tables " + strings.Join(names, " and ")
}

// Create makes the tables that are not there yet.
func (o Own) Create(ctx context.Context, db *database.DB) error {
	return database.Tx(ctx, db, func(ctx context.Context) error {
		if db.Dialect() == database.Postgres { // two that create at once disturb each other
			if _, err := db.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('kit tables'), hashtext(current_schema()))"); err != nil {
				return err
			}
		}
		for _, t := range o {
			if err := t.create(ctx, db); err != nil {
				return err
			}
		}
		return nil
	})
}

// create creates the table unless it is there, also when another process does it at the
// same time.
func (t OwnTable) create(ctx context.Context, db *database.DB) error {
	s := New(db)
	if found, err := s.HasTable(ctx, t.Name); err != nil || found {
		return err
	}
	err := s.Create(ctx, t.Name, t.Define)
	if err != nil && db.Dialect() == database.MySQL {
		if found, _ := s.HasTable(ctx, t.Name); found {
			return nil
		}
	}
	return err
}
