// Package transfer copies the rows of an application's database into another one, which
// may be of another kind, and compares both.
//
// The tables of the target come from the application's migrations, so that they are what
// the application expects there; only rows are copied. All of it is one transaction of
// the target, and one moment of the source. Every value is read back and compared as what
// it means: a boolean is the same as SQLite's 1, a JSON document the same in another
// order.
package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// Options says how to copy. The zero value means the defaults.
type Options struct {
	// Except are tables that are left out.
	Except []string

	// Own are the tables that packages make for themselves. Those that the source has are
	// made in the target.
	Own []schema.Own

	// Progress is called now and then: with the rows of a table that are written, and how
	// many there are.
	Progress func(table string, rows, total int64)
}

// Result is what [Copy] has done.
type Result struct {
	Tables   []Table
	Rows     int64
	Duration time.Duration
	// Written says that the source was written to meanwhile, which may not be in the copy.
	// It is known of SQLite only.
	Written bool
}

// Table is a table that was copied.
type Table struct {
	Name string
	Rows int64
	// Checksum is the one of both sides. It depends on what the rows mean, and not on their
	// order or on the databases; but between two of MariaDB JSON is a text.
	Checksum string
}

// recorded are the tables that migrating fills.
var recorded = []string{"kit_migrations", "kit_migration_lock"}

// Occupied is a table of the target that has rows.
type Occupied struct {
	Table string
	Rows  int64
}

// Inspect looks whether the target is one to copy into, before it is migrated. Tables
// that the source does not have are a [*SchemaError]. It returns the tables that have
// rows: [Copy] deletes them.
func Inspect(ctx context.Context, from, to *database.DB, o *Options) ([]Occupied, error) {
	if Same(from, to) {
		return nil, differs("the target is the database itself")
	}
	here, err := tablesOf(ctx, from, o)
	if err != nil {
		return nil, err
	}
	there, err := schema.New(to).Tables(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range o.Except {
		found, err := schema.New(from).HasTable(ctx, name)
		if err == nil && !found && !slices.Contains(there, name) {
			err = differs("there is no table %s to leave out", name)
		}
		if err != nil {
			return nil, err
		}
	}
	var own []string
	for _, set := range o.Own {
		for _, t := range set {
			own = append(own, t.Name)
		}
	}
	var list []Occupied
	for _, name := range there {
		if slices.Contains(recorded, name) || slices.Contains(o.Except, name) {
			continue
		}
		if !slices.Contains(here, name) && !slices.Contains(own, name) {
			return nil, differs("the target has a table %s, which the application's database does not have", name)
		}
		var rows int64
		if err := to.QueryRowContext(ctx, "SELECT count(*) FROM "+quote(to.Dialect(), name)).Scan(&rows); err != nil {
			return nil, &Error{Table: name, Err: err}
		}
		if rows > 0 {
			list = append(list, Occupied{name, rows})
		}
	}
	return list, nil
}

// Same reports whether two databases are the same one.
func Same(a, b *database.DB) bool {
	if a.Path() != "" && b.Path() != "" {
		x, errX := os.Stat(a.Path())
		y, errY := os.Stat(b.Path())
		return errX == nil && errY == nil && os.SameFile(x, y)
	}
	return a.String() == b.String()
}

// tablesOf returns the tables of the source whose rows are copied.
func tablesOf(ctx context.Context, db *database.DB, o *Options) ([]string, error) {
	list, err := schema.New(db).Tables(ctx)
	if err != nil {
		return nil, err
	}
	shadows := map[string]bool{}
	if db.Dialect() == database.SQLite { // what virtual tables are made of
		rows, err := db.QueryContext(ctx, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'")
		if err != nil {
			return nil, fmt.Errorf("list the tables: %w", err)
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return nil, err
			}
			shadows[name] = true
		}
		if err := rows.Err(); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(list, func(name string) bool {
		return shadows[name] || slices.Contains(recorded, name) || slices.Contains(o.Except, name)
	}), nil
}

// Copy copies all rows of from into to, whose migrations have run; rows that are there are
// deleted. It is all or nothing. What cannot be copied is an [*Error], as is a row that
// differs when it is read back; tables that are not the same are a [*SchemaError].
func Copy(ctx context.Context, from, to *database.DB, o *Options) (Result, error) {
	if o == nil {
		o = new(Options)
	}
	start := time.Now()
	names, err := tablesOf(ctx, from, o)
	if err != nil {
		return Result{}, err
	}
	for _, own := range o.Own {
		if slices.Contains(names, own[len(own)-1].Name) && own.Missing(ctx, to) {
			if err := own.Create(ctx, to); err != nil {
				return Result{}, fmt.Errorf("create %s: %w", own, err)
			}
		}
	}
	there, err := schema.New(to).Tables(ctx)
	if err != nil {
		return Result{}, err
	}
	c := &copying{o: o, from: from, to: to}
	for _, name := range names {
		if !slices.Contains(there, name) {
			return Result{}, differs("the target has no table %s: no migration makes it", name)
		}
		t, err := describe(ctx, schema.New(from), schema.New(to), name)
		if err != nil {
			return Result{}, err
		}
		c.tables = append(c.tables, t)
	}
	result, err := c.run(ctx)
	result.Duration = time.Since(start)
	return result, err
}

// copying is one run of [Copy].
type copying struct {
	o        *Options
	from, to *database.DB
	tables   []*table
}

func (c *copying) run(ctx context.Context) (result Result, err error) {
	source, err := c.from.SQL().Conn(ctx)
	if err != nil {
		return result, fmt.Errorf("connect to the source: %w", err)
	}
	defer source.Close()
	before, err := c.version(ctx, source)
	if err != nil {
		return result, err
	}
	options := &sql.TxOptions{ReadOnly: true}
	if c.from.Dialect() != database.SQLite {
		options.Isolation = sql.LevelRepeatableRead
	}
	tx, err := source.BeginTx(ctx, options)
	if err != nil {
		return result, fmt.Errorf("begin a transaction that reads: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	if c.from.Dialect() == database.Postgres {
		for _, s := range []string{"SET LOCAL DateStyle = ISO", "SET LOCAL TimeZone = 'UTC'", "SET LOCAL bytea_output = hex", "SET LOCAL extra_float_digits = 1"} {
			if _, err := tx.ExecContext(ctx, s); err != nil {
				return result, fmt.Errorf("set the connection up: %w", err)
			}
		}
	}
	conn, err := c.to.SQL().Conn(ctx)
	if err != nil {
		return result, fmt.Errorf("connect to the target: %w", err)
	}
	defer conn.Close()
	w := &target{conn: conn, d: c.to.Dialect(), tables: c.tables}
	defer w.end(ctx)
	if err := w.begin(ctx); err != nil {
		return result, err
	}
	last := map[*table]int64{}
	for _, t := range c.tables {
		copied, err := c.table(ctx, tx, w, t)
		if err != nil {
			return result, err
		}
		result.Tables = append(result.Tables, copied)
		result.Rows += copied.Rows
		if last[t], err = counter(ctx, tx, c.from.Dialect(), t); err != nil {
			return result, &Error{Table: t.name, Err: fmt.Errorf("the last number that was given out: %w", err)}
		}
	}
	if err := w.tighten(ctx); err != nil {
		return result, err
	}
	if err := c.finish(ctx, w, last); err != nil {
		return result, err
	}
	if err := tx.Rollback(); err != nil {
		return result, fmt.Errorf("end the transaction that read: %w", err)
	}
	after, err := c.version(ctx, source)
	result.Written = after != before
	return result, err
}

// finish commits, with the counters before or after it.
func (c *copying) finish(ctx context.Context, w *target, last map[*table]int64) error {
	counters := func() error {
		for _, t := range c.tables {
			if err := w.count(ctx, t, last[t]); err != nil {
				return &Error{Table: t.name, Err: fmt.Errorf("go on with its numbers: %w", err)}
			}
		}
		return nil
	}
	if w.d == database.MySQL {
		if err := w.exec(ctx, "COMMIT"); err != nil {
			return fmt.Errorf("commit the transaction: %w", err)
		}
		return counters()
	}
	if err := counters(); err != nil {
		return err
	}
	if err := w.exec(ctx, "COMMIT"); err != nil {
		return fmt.Errorf("commit the transaction: %w", err)
	}
	return nil
}

// version returns a number that changes when another connection writes to an SQLite file.
func (c *copying) version(ctx context.Context, conn *sql.Conn) (n int64, err error) {
	if c.from.Dialect() != database.SQLite {
		return 0, nil
	}
	if err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&n); err != nil {
		return 0, fmt.Errorf("ask whether others write: %w", err)
	}
	return n, nil
}

func sourceType(c column) string { return c.from }
func targetType(c column) string { return c.to }

// table copies a table and compares both.
func (c *copying) table(ctx context.Context, tx *sql.Tx, w *target, t *table) (Table, error) {
	var total int64
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM "+quote(c.from.Dialect(), t.name)).Scan(&total); err != nil {
		return Table{}, &Error{Table: t.name, Err: err}
	}
	sent, arrived := newSum(), newSum()
	b := &batch{t: t, conn: w.conn, d: w.d}
	err := t.read(ctx, tx, c.from.Dialect(), sourceType, func(r row) error {
		sent.add(r)
		if c.o.Progress != nil && sent.rows%batchRows == 0 {
			c.o.Progress(t.name, sent.rows, total)
		}
		return b.add(ctx, r)
	})
	if err == nil {
		err = b.flush(ctx)
	}
	if err != nil {
		return Table{}, err
	}
	if err := t.read(ctx, w.conn, w.d, targetType, func(r row) error { arrived.add(r); return nil }); err != nil {
		return Table{}, err
	}
	if !sent.equal(arrived) {
		return Table{}, c.difference(ctx, tx, w, t, sent, arrived)
	}
	return Table{t.name, sent.rows, sent.String()}, nil
}

// difference finds a row that is not the same on both sides.
func (c *copying) difference(ctx context.Context, tx *sql.Tx, w *target, t *table, sent, arrived *sum) error {
	part := 0
	for part < buckets-1 && sent.parts[part] == arrived.parts[part] {
		part++
	}
	rows := map[string]row{}
	err := t.read(ctx, tx, c.from.Dialect(), sourceType, func(r row) error {
		if bucket(r.key) == part {
			rows[r.key] = r
		}
		return nil
	})
	if err != nil {
		return err
	}
	found := errors.New("the rows on both sides are not the same")
	err = t.read(ctx, w.conn, w.d, targetType, func(r row) error {
		if bucket(r.key) != part {
			return nil
		}
		was, ok := rows[r.key]
		delete(rows, r.key)
		if !ok {
			return &Error{Table: t.name, Row: t.keyOf(r), Err: errors.New("it is in the target, and not in the source")}
		}
		for i := range was.values {
			if a, b := was.values[i], r.values[i]; a.null != b.null || a.canon != b.canon {
				return &Error{Table: t.name, Column: t.columns[i].name, Row: t.keyOf(r), Err: fmt.Errorf("%s became %s in the type %s", shown(a), shown(b), t.columns[i].to)}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, r := range rows {
		return &Error{Table: t.name, Row: t.keyOf(r), Err: errors.New("it did not arrive")}
	}
	return &Error{Table: t.name, Err: found}
}

func shown(v value) string {
	if v.null {
		return "NULL"
	}
	return short(v.text)
}
