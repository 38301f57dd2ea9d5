package migrate

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Error says which migration failed and why. It ends a program with the exit code 1.
type Error struct {
	Name string
	// Err is the migration's error; for a statement that the database refused a
	// [*schema.StatementError].
	Err error
	// Applied are the migrations before it, which stay applied (or rolled back).
	Applied []Applied
	// Down says that it was being rolled back.
	Down bool
}

// Error is one line.
func (e *Error) Error() string {
	text := "migration " + e.Name + ": "
	if e.Down {
		text = "roll back migration " + e.Name + ": "
	}
	return text + oneLine(e.Err) + keptText(e.Applied, e.Down)
}

// Unwrap returns the migration's error.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what state the database is in.
func (e *Error) Hint() string {
	switch {
	case errors.Is(e.Err, errNoWayBack):
		return "nothing was rolled back; write its Down, or undo it with a new migration"
	case e.Down:
		return "nothing of this roll-back was kept; correct it and run it again"
	}
	return "nothing of this migration was kept; correct it and run it again"
}

// errNoWayBack says that a migration cannot be rolled back.
var errNoWayBack = errors.New("it cannot be rolled back")

// keptText lists what was done before a failure.
func keptText(applied []Applied, down bool) string {
	if len(applied) == 0 {
		return ""
	}
	names := make([]string, len(applied))
	for i, a := range applied {
		names[i] = a.Name
	}
	verb := "applied before it, and kept"
	if down {
		verb = "rolled back before it"
	}
	return fmt.Sprintf(" (%s: %s)", verb, strings.Join(names, ", "))
}

// ExitCode returns 1.
func (*Error) ExitCode() int { return 1 }

// DirtyError says that a migration has begun and did not end, where a transaction
// could not undo it. Nothing is applied or rolled back until [Migrator.Resolve] was
// told what holds. It ends a program with the exit code 1.
type DirtyError struct {
	Name string
	// Journal says what was done of it and what was not.
	Journal Journal
	// Down says that it was being rolled back.
	Down bool
	// Since is when it began; zero when that was in this call.
	Since time.Time
	// Err is why it failed; nil when that was earlier.
	Err error
	// Applied are the migrations before it in this call.
	Applied []Applied
}

// Error is one line.
func (e *DirtyError) Error() string {
	what := "was begun and did not end"
	if e.Down {
		what = "was being rolled back and that did not end"
	}
	if !e.Since.IsZero() {
		what += " (since " + e.Since.UTC().Format(time.RFC3339) + ")"
	}
	text := fmt.Sprintf("migration %s is dirty: it %s", e.Name, what)
	if e.Err != nil {
		text += ": " + oneLine(e.Err)
	}
	return text + "; " + e.Journal.String() + keptText(e.Applied, e.Down)
}

// Unwrap returns why it failed.
func (e *DirtyError) Unwrap() error { return e.Err }

// Hint says how to go on.
func (e *DirtyError) Hint() string {
	return fmt.Sprintf("either complete it by hand and run `migrate:resolve %s --applied`, or undo by hand what was done and run `migrate:resolve %[1]s --not-applied`", e.Name)
}

// ExitCode returns 1.
func (*DirtyError) ExitCode() int { return 1 }

// AheadError says that the database has migrations that this program does not know,
// and that [Options.RefuseAhead] is set. It ends a program with the exit code 1.
type AheadError struct {
	Names []string
}

func (e *AheadError) Error() string {
	return "the database is ahead of this program, which does not know its migrations " + strings.Join(e.Names, ", ")
}

// Hint says what to do.
func (*AheadError) Hint() string {
	return "run a newer version, roll the database back (migrate:rollback), or serve nevertheless with MIGRATE_AHEAD=serve"
}

// ExitCode returns 1.
func (*AheadError) ExitCode() int { return 1 }

// FileError says that SQLite could not read or write its file. Nothing of the migration
// was kept. It ends a program with the exit code 1.
type FileError struct {
	Path   string
	Advice string
	Err    error
}

func (e *FileError) Error() string { return oneLine(e.Err) + " (" + e.Path + ")" }

// Hint says what to do.
func (e *FileError) Hint() string { return e.Advice }

// Unwrap returns the error of the migration, or of what came before it.
func (e *FileError) Unwrap() error { return e.Err }

// ExitCode returns 1.
func (*FileError) ExitCode() int { return 1 }

// LockError says that another process held the migration lock for too long. It ends a
// program with the exit code 75: try again later.
type LockError struct {
	Waited time.Duration
	// Lock says who held it; nil when that is not known.
	Lock *Lock
}

func (e *LockError) Error() string {
	who := "another process"
	if e.Lock != nil {
		who = fmt.Sprintf("another process (%s, since %s)", e.Lock.Holder, e.Lock.Since.Format(time.RFC3339))
	}
	return fmt.Sprintf("%s is migrating this database and has not finished within %s", who, e.Waited)
}

// Hint says what to do.
func (*LockError) Hint() string {
	return "try again when it has finished, or wait longer with MIGRATE_LOCK_TIMEOUT"
}

// ExitCode returns 75.
func (*LockError) ExitCode() int { return 75 }

// unknownError says that there is no migration of a name.
type unknownError struct{ name, nearest string }

func (e *unknownError) Error() string { return fmt.Sprintf("there is no migration %q", e.name) }

func (e *unknownError) Hint() string {
	if e.nearest == "" {
		return "migrate:status lists the names"
	}
	return "did you mean " + e.nearest + "?"
}

// ExitCode returns 2, for bad usage: names come from the command line.
func (*unknownError) ExitCode() int { return 2 }
