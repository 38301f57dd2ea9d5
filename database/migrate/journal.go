package migrate

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/kitgo/kit/database"
)

// Journal says how far a migration came that could not be undone as a whole. The
// statements are shortened.
type Journal struct {
	// Done are the statements that took effect.
	Done []string `json:"done,omitempty"`
	// Begun is the statement that was running when the process or its connection came
	// to an end. Whether it took effect is not known.
	Begun string `json:"begun,omitempty"`
	// Failed is the statement that the database refused.
	Failed string `json:"failed,omitempty"`
	// Problem is what the database said to either.
	Problem string `json:"problem,omitempty"`
}

// String is one line.
func (j Journal) String() string {
	var parts []string
	if len(j.Done) == 0 {
		parts = append(parts, "done: nothing")
	}
	for i, s := range j.Done {
		parts = append(parts, fmt.Sprintf("done %d: %s", i+1, s))
	}
	problem := ""
	if j.Problem != "" {
		problem = " (" + j.Problem + ")"
	}
	if j.Begun != "" {
		parts = append(parts, "begun, look whether it took effect: "+j.Begun+problem)
	}
	if j.Failed != "" {
		parts = append(parts, "failed: "+j.Failed+problem)
	}
	return strings.Join(append(parts, "what comes after that was not run"), "; ")
}

// clean reports whether nothing of the migration is in the database.
func (j Journal) clean() bool { return len(j.Done) == 0 && j.Begun == "" }

// journal writes a Journal into the record of a migration, while its statements run.
type journal struct {
	name    string
	dialect database.Dialect
	// open says that there is a transaction, which statements that change the schema
	// commit by themselves: MySQL.
	open bool
	// patience is how long a statement is tried again that waited too long for a lock.
	patience time.Duration
	warn     func(error)

	Journal
	pending []string // done, in the open transaction
}

// hook is a [database.Hook].
func (j *journal) hook(ctx context.Context, sql string, next database.Exec) error {
	text := shorten(sql)
	if j.open && !commits(sql) {
		if err := j.run(ctx, sql, next); err != nil {
			j.Failed, j.Problem = text, oneLine(err)
			return err
		}
		j.pending = append(j.pending, text)
		return nil
	}
	// What is written now is committed by the statement itself, before it runs.
	j.Done = append(j.Done, j.pending...)
	j.pending, j.Begun = nil, text
	if err := j.write(ctx, next); err != nil {
		return err
	}
	err := j.run(ctx, sql, next)
	if err != nil && (!refused(err) || leavesTraces(sql)) {
		j.Problem = oneLine(err)
		return err
	}
	j.Begun = ""
	if err != nil {
		j.Failed, j.Problem = text, oneLine(err)
		return err
	}
	j.Done = append(j.Done, text)
	if err := j.write(ctx, next); err != nil {
		return err
	}
	if j.open {
		return next(ctx, "COMMIT")
	}
	return nil
}

// run runs a statement, again when a lock was not free in time: then it had no
// effect. On PostgreSQL, statements outside of a transaction have no such time-out.
func (j *journal) run(ctx context.Context, sql string, next database.Exec) error {
	deadline := time.Now().Add(j.patience)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := next(ctx, sql)
		if e, ok := errors.AsType[*mysql.MySQLError](err); !ok || e.Number != 1205 || time.Now().After(deadline) { // ER_LOCK_WAIT_TIMEOUT
			return err
		}
		j.warn(err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// write stores the journal. It runs within a statement of the migration, so it goes
// past the session, and its text is a literal.
func (j *journal) write(ctx context.Context, next database.Exec) error {
	text, err := json.Marshal(j.Journal)
	if err != nil {
		return fmt.Errorf("write the journal of the migration: %w", err)
	}
	if err := next(ctx, "UPDATE "+table+" SET progress = "+literal(j.dialect, string(text))+" WHERE name = "+literal(j.dialect, j.name)); err != nil {
		return fmt.Errorf("write the journal of the migration: %w", err)
	}
	return nil
}

func writeJournal(ctx context.Context, c database.Conn, name string, j Journal) error {
	text, err := json.Marshal(j)
	if err == nil {
		_, err = c.ExecContext(ctx, "UPDATE "+table+" SET progress = ? WHERE name = ? AND state <> ?", string(text), name, stateApplied)
	}
	if err != nil {
		return fmt.Errorf("write the journal of the migration: %w", err)
	}
	return nil
}

// leavesTraces reports whether a statement that fails leaves something behind: an
// index of PostgreSQL that is not valid.
func leavesTraces(sql string) bool { return strings.Contains(strings.ToUpper(sql), "CONCURRENTLY") }

// literal returns a text as SQL. MySQL reads backslashes in strings, depending on its
// settings; it reads hexadecimal numbers always.
func literal(d database.Dialect, text string) string {
	if d == database.MySQL {
		return "CONVERT(x'" + hex.EncodeToString([]byte(text)) + "' USING utf8mb4)"
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// commits reports whether a statement commits the transaction before it: the list of
// "Statements That Cause an Implicit Commit" in MySQL's manual, where tables are
// concerned. What is not known to leave the transaction open is taken for one that
// commits.
func commits(sql string) bool {
	words := strings.Fields(strings.ToUpper(withoutComments(sql)))
	if len(words) == 0 {
		return false
	}
	switch words[0] {
	case "INSERT", "UPDATE", "DELETE", "REPLACE", "SELECT", "WITH", "DO", "CALL", "SAVEPOINT", "RELEASE", "ROLLBACK", "SET", "VALUES", "SHOW", "EXPLAIN":
		return false
	case "CREATE", "DROP":
		return len(words) < 2 || words[1] != "TEMPORARY"
	}
	return true
}

// withoutComments returns a statement without the comments before it.
func withoutComments(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f")
		switch {
		case strings.HasPrefix(sql, "-- "), strings.HasPrefix(sql, "#"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*") && !strings.HasPrefix(sql, "/*!"):
			_, sql, _ = strings.Cut(sql, "*/")
		default:
			return sql
		}
	}
}

// shorten returns the start of a statement on one line.
func shorten(sql string) string {
	text := []rune(strings.Join(strings.Fields(sql), " "))
	if len(text) > 400 {
		return string(text[:399]) + "…"
	}
	return string(text)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
