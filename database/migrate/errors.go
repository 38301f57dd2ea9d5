package migrate

import (
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
	// NoTransaction says that what it did before the error is still there.
	NoTransaction bool
}

// Error is one line.
func (e *Error) Error() string {
	text := "migration " + e.Name + ": "
	if e.Down {
		text = "roll back migration " + e.Name + ": "
	}
	text += strings.Join(strings.Fields(e.Err.Error()), " ")
	if e.NoTransaction {
		text += " (it runs without a transaction: the statements before this one may have been applied)"
	}
	return text
}

// Unwrap returns the migration's error.
func (e *Error) Unwrap() error { return e.Err }

// Hint says what state the database is in.
func (e *Error) Hint() string {
	if e.NoTransaction {
		return "look what it has done, undo or complete that by hand, then run it again"
	}
	return "nothing of this migration was kept; correct it and run it again"
}

// ExitCode returns 1.
func (*Error) ExitCode() int { return 1 }

// LockError says that another process held the migration lock for too long. It ends a
// program with the exit code 75: try again later.
type LockError struct {
	Waited time.Duration
}

func (e *LockError) Error() string {
	return fmt.Sprintf("another process is migrating this database and has not finished within %s", e.Waited)
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
