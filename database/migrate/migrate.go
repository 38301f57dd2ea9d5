// Package migrate brings the schema of a database up to date, once, however many
// processes start at the same time.
//
//	var All = []migrate.Migration{createTodos}
//
//	var createTodos = migrate.Migration{
//		Name: "m20260131_154500_create_todos_table",
//		Up: func(ctx context.Context, s *schema.Builder) error {
//			return s.Create(ctx, "todos", func(t *schema.Table) {
//				t.ID()
//				t.String("title", 200)
//			})
//		},
//		Down: func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, "todos") },
//	}
//
//	m, err := migrate.New(db, All, nil)
//	if err != nil {
//		return err
//	}
//	result, err := m.Up(ctx, migrate.UpOptions{})
//
// Migrations run in the order of their names. Each one and its record in the table
// kit_migrations are one transaction: a migration that fails, is cancelled or dies
// with its process leaves nothing behind. What one call of [Migrator.Up] applies is
// a batch.
//
// # The lock
//
// One process migrates, the others wait for it. On PostgreSQL the lock belongs to
// the connection that migrates; it is named after the database and the schema, so
// that applications in different schemas do not wait for each other. On SQLite it is
// a lock on the file beside the database whose name ends in ".migrate.lock"; the file
// stays. Both are free again when their holder dies. When nothing is pending, no lock
// is taken.
//
// # SQLite
//
// During a migration in a transaction, foreign keys are not enforced and do not
// cascade, so that a table can be replaced without losing the rows that refer to it.
// Before the commit they are checked: a migration must not leave a row that refers to
// nothing.
package migrate

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/place"
)

// Func changes the schema or the rows, through s only: other connections are not
// part of the transaction. It should return when ctx ends.
type Func func(ctx context.Context, s *schema.Builder) error

// Migration is one change of the schema and the way back.
type Migration struct {
	// Name is m, the date, the time and what it does: m20260131_154500_create_users_table.
	// Migrations run in the order of their names.
	Name string

	// Up makes the change. Down undoes it; without one the migration cannot be
	// rolled back.
	Up, Down Func

	// NoTransaction runs Up and Down outside of a transaction, for statements that
	// need that, such as CREATE INDEX CONCURRENTLY. When it fails, what it did before
	// stays done and is not recorded.
	NoTransaction bool
}

// Phase is what [Migrator.Up] is doing.
type Phase string

// The phases, in their order. When nothing is pending there are none.
const (
	WaitingForLock Phase = "waiting-for-migration-lock"
	Migrating      Phase = "migrating"
)

// Options sets up a [Migrator]. The zero value means the defaults.
type Options struct {
	// LockTimeout is how long to wait for another process that migrates. 0 means
	// the default of 10 minutes.
	LockTimeout time.Duration

	// Logger gets a line for each migration that was applied or rolled back, and
	// while waiting for the lock. Nil means slog.Default().
	Logger *slog.Logger

	// Version is the version of the program, for the record of what applied a
	// migration.
	Version string

	// OnPhase is called when a phase begins, if it is not nil.
	OnPhase func(Phase)
}

// Migrator applies migrations to a database. [New] makes it.
type Migrator struct {
	db      *database.DB
	list    []Migration // in order of name
	options Options
}

// New checks a list of migrations and returns a migrator for it. It does not
// connect. Names must be of the form that [Migration] describes and be there once,
// and each migration needs an Up; a nil o means the defaults.
func New(db *database.DB, list []Migration, o *Options) (*Migrator, error) {
	m := &Migrator{db: db, list: slices.Clone(list)}
	if o != nil {
		m.options = *o
	}
	if m.options.LockTimeout == 0 {
		m.options.LockTimeout = 10 * time.Minute
	}
	places := map[string]string{}
	for _, mig := range m.list {
		at := place.Func(mig.Up)
		if mig.Up == nil {
			at = place.Func(mig.Down)
		}
		switch {
		case !validName(mig.Name):
			return nil, fmt.Errorf("migration %q (%s): a name is m, the date, the time and words, such as m20260131_154500_create_users_table", mig.Name, at)
		case mig.Up == nil:
			return nil, fmt.Errorf("migration %s (%s) has no Up", mig.Name, at)
		case places[mig.Name] != "":
			return nil, fmt.Errorf("two migrations have the name %s: the one at %s and the one at %s", mig.Name, places[mig.Name], at)
		}
		places[mig.Name] = at.String()
	}
	slices.SortFunc(m.list, func(a, b Migration) int { return strings.Compare(a.Name, b.Name) })
	return m, nil
}

// validName reports whether a name is of the form mYYYYMMDD_HHMMSS_words.
func validName(name string) bool {
	rest, ok := strings.CutPrefix(name, "m")
	if !ok || len(rest) < len("20060102_150405_x") {
		return false
	}
	stamp, words := rest[:15], rest[15:]
	if _, err := time.Parse("20060102_150405", stamp); err != nil {
		return false
	}
	words, ok = strings.CutPrefix(words, "_")
	return ok && strings.Trim(words, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && len(name) <= 255
}

func (m *Migrator) log() *slog.Logger {
	if m.options.Logger != nil {
		return m.options.Logger
	}
	return slog.Default()
}

func (m *Migrator) enter(p Phase) {
	if m.options.OnPhase != nil {
		m.options.OnPhase(p)
	}
}

// find returns the migration of a name.
func (m *Migrator) find(name string) (Migration, bool) {
	i := slices.IndexFunc(m.list, func(mig Migration) bool { return mig.Name == name })
	if i < 0 {
		return Migration{}, false
	}
	return m.list[i], true
}
