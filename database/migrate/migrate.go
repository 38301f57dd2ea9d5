// Package migrate brings the schema of a database up to date, once, however many
// processes start at the same time.
//
//	var All = migrate.Set{List: []migrate.Migration{createTodos}}
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
// Migrations run in the order of their names. What one call of [Migrator.Up] applies
// is a batch.
//
// # Transactions
//
// On PostgreSQL and SQLite each migration and its record in the table kit_migrations
// are one transaction: a migration that fails, is cancelled or dies with its process
// leaves nothing behind. On MySQL and MariaDB a statement that changes the schema
// commits by itself, and a migration with NoTransaction has no transaction anywhere:
// such a migration is marked before it begins, with what it has done, and when it did
// not end, nothing is applied any more until [Migrator.Resolve] was told what holds
// ([DirtyError]).
//
// # The lock
//
// One process migrates, the others wait for it; [Migrator.Lock] tells for whom. When
// nothing is pending, no lock is taken. The lock is free again when its holder dies:
//
//   - PostgreSQL: an advisory lock of the connection that migrates, named after the
//     database and the schema, so that applications in different schemas do not wait
//     for each other.
//   - PostgreSQL behind a pooler such as PgBouncer, where a connection is shared: a
//     leased row in the table kit_migration_lock, renewed every 2 seconds and void
//     after 8. Each transaction of a migration also takes an advisory lock, without
//     which nobody gets the lease: a holder that was stopped and goes on later cannot
//     write beside the next one.
//   - MySQL and MariaDB: GET_LOCK on the connection that migrates, and a second lock on
//     a connection that ends when the process is silent for 8 seconds; whoever waits
//     then ends the statement that the first left behind.
//   - SQLite: a lock on the file beside the database whose name ends in
//     ".migrate.lock"; the file stays.
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
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// Func changes the schema or the rows, through s only: other connections are not
// part of the transaction. It should return when ctx ends. It may be called again when
// a table was locked for too long, and without effect: Down to store its SQL when the
// migration is applied, both by [Migrator.Pretend]; then changes do nothing, and
// queries see the schema as it is.
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
	// stays done, and the migration is marked as dirty.
	NoTransaction bool

	file   string        // of an SQL migration
	source string        // of an SQL migration
	sum    func() string // the checksum; "" when it is not known
}

// Phase is what [Migrator.Up] is doing.
type Phase string

// The phases, in their order. When nothing is pending there are none.
const (
	WaitingForLock Phase = "waiting-for-migration-lock"
	Migrating      Phase = "migrating"
)

// Progress is how far [Migrator.Up] has come.
type Progress struct {
	Phase Phase
	// Name is the migration that is being applied, the Number-th of Total. They are
	// zero while waiting for the lock.
	Name          string
	Number, Total int
}

// Options sets up a [Migrator]. The zero value means the defaults.
type Options struct {
	// LockTimeout is how long to wait for another process that migrates, and for
	// tables that other queries have locked. 0 means the default of 10 minutes.
	LockTimeout time.Duration

	// StatementLockTimeout is how long one statement may wait for a lock on a table,
	// on PostgreSQL and MySQL: while it waits, all later queries on the table wait
	// behind it. Then it is given up and tried again after a pause. 0 means the
	// default of 5 seconds. It does not hold for migrations with NoTransaction on
	// PostgreSQL.
	StatementLockTimeout time.Duration

	// RefuseAhead makes [Migrator.Up] fail with an [*AheadError] when the database has
	// migrations that this program does not know. Without it, that is a warning.
	RefuseAhead bool

	// Logger gets a line for each migration that was applied or rolled back, every 5
	// seconds one while waiting or when a migration takes long, and warnings. Nil means
	// slog.Default().
	Logger *slog.Logger

	// Version is the version of the program, for the record of what applied a
	// migration.
	Version string

	// OnProgress is called when a phase or a migration begins, if it is not nil.
	OnProgress func(Progress)
}

const (
	defaultLockTimeout      = 10 * time.Minute
	defaultStatementTimeout = 5 * time.Second
	logEvery                = 5 * time.Second
)

// Migrator applies migrations to a database. [New] makes it.
type Migrator struct {
	db      *database.DB
	list    []Migration // in order of name
	set     Set
	options Options
}

// Names returns the names of the program's migrations, in their order.
func (m *Migrator) Names() []string {
	names := make([]string, len(m.list))
	for i, mig := range m.list {
		names[i] = mig.Name
	}
	return names
}

// New checks a set of migrations and returns a migrator for it. It does not connect.
// Names must be of the form that [Migration] describes and be there once, and each
// migration needs an Up; a nil o means the defaults.
func New(db *database.DB, set Set, o *Options) (*Migrator, error) {
	list, err := set.migrations()
	if err != nil {
		return nil, err
	}
	m := &Migrator{db: db, list: list, set: set}
	if o != nil {
		m.options = *o
	}
	if m.options.LockTimeout == 0 {
		m.options.LockTimeout = defaultLockTimeout
	}
	if m.options.StatementLockTimeout == 0 {
		m.options.StatementLockTimeout = defaultStatementTimeout
	}
	return m, nil
}

func (m *Migrator) log() *slog.Logger {
	if m.options.Logger != nil {
		return m.options.Logger
	}
	return slog.Default()
}

func (m *Migrator) report(p Progress) {
	if m.options.OnProgress != nil {
		m.options.OnProgress(p)
	}
}

// find returns the migration of a name.
func (m *Migrator) find(name string) (Migration, bool) {
	i, found := slices.BinarySearchFunc(m.list, name, func(mig Migration, name string) int { return strings.Compare(mig.Name, name) })
	if !found {
		return Migration{}, false
	}
	return m.list[i], true
}
