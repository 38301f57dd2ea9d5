package database

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
)

// Insert stores a row and fills in what the database chose: the id, and columns that
// are zero and have a default in their tag. created_at and updated_at are set to the
// time when they are zero. MySQL has no way to say the defaults with the INSERT, which
// there takes a second query, and needs a primary key that is known. Errors are those
// of [DB.ExecContext].
func Insert[T any](ctx context.Context, c Conn, row *T) error {
	if row == nil {
		return wrap[T]("insert", errors.New("the row is nil"))
	}
	return wrap[T]("insert", insert(ctx, c, one(row), conflict{}))
}

// InsertMany stores rows with as few statements as possible, all or none, and fills in
// the same as [Insert].
func InsertMany[T any](ctx context.Context, c Conn, rows []T) error {
	return wrap[T]("insert", insert(ctx, c, rows, conflict{}))
}

// one returns a row as a slice over the same memory.
func one[T any](row *T) []T { return (*[1]T)(reflect.ValueOf(row).UnsafePointer())[:] }

// conflict is what happens to a row that exists.
type conflict struct {
	columns []string // of the unique index
	update  []string // the columns to overwrite
	active  bool
}

// bulk is how many rows one statement stores in PostgreSQL. With a fixed number the
// text is the same each time and is planned once, which is half of the work.
const bulk = 1000

// most returns how many rows one statement may store.
func (m *model) most(d Dialect) int {
	n := max(1, maxArguments/max(1, len(m.columns)))
	if d == Postgres {
		return min(n, bulk)
	}
	return n
}

// maxArguments is how many arguments a statement may have: PostgreSQL and MySQL count
// them in 16 bits, SQLite allows 32766.
const maxArguments = 32000

func insert[T any](ctx context.Context, c Conn, rows []T, on conflict) error {
	l := c.link(ctx, true)
	m, err := l.db.modelOf(reflect.TypeFor[T]())
	if err != nil || len(rows) == 0 {
		return err
	}
	most := m.most(l.db.Dialect())
	if len(rows) > most && !l.tx {
		return inTx(ctx, c, func(ctx context.Context, c Conn) error { return insert(ctx, c, rows, on) })
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	for i := range rows {
		if h, ok := any(&rows[i]).(BeforeInserter); ok {
			if err := h.BeforeInsert(ctx, c); err != nil {
				return err
			}
		}
		m.stamp(reflect.ValueOf(&rows[i]).Elem(), now, true)
	}
	for start := 0; start < len(rows); {
		columns, n := m.alike(rows[start:], most)
		if err := insertSome(ctx, c, l, m, rows[start:start+n], columns, on); err != nil {
			return err
		}
		start += n
	}
	for i := range rows {
		if h, ok := any(&rows[i]).(AfterInserter); ok {
			if err := h.AfterInsert(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// inTx runs f in a transaction of c.
func inTx(ctx context.Context, c Conn, f func(context.Context, Conn) error) error {
	type beginner interface {
		Transaction(context.Context, func(context.Context, *Transaction) error) error
	}
	b, ok := c.(beginner)
	if !ok {
		return f(ctx, c)
	}
	return b.Transaction(ctx, func(ctx context.Context, tx *Transaction) error { return f(ctx, tx) })
}

// stamp sets the columns that hold the time of a change: on an insert those that are
// zero, else updated_at.
func (m *model) stamp(row reflect.Value, now time.Time, inserting bool) {
	for _, c := range []*column{m.created, m.updated} {
		if c == nil || (inserting && !c.isZero(row)) || (!inserting && c != m.updated) {
			continue
		}
		v := c.place(row)
		if v.Kind() == reflect.Pointer {
			v.Set(reflect.ValueOf(&now))
			continue
		}
		v.Set(reflect.ValueOf(now))
	}
}

// left reports whether a column is left to the database.
func (c *column) left(row reflect.Value) bool {
	return c.scanOnly || (c.auto || c.fallback) && c.isZero(row)
}

// alike returns the columns to write of the first row, and how many rows from there
// have the same ones. Rows of which only some leave a column to the database are
// different statements, as SQLite has no word for that.
func (m *model) alike(rows any, limit int) (columns []*column, n int) {
	list := reflect.ValueOf(rows)
	first := list.Index(0)
	for _, c := range m.columns {
		if !c.left(first) {
			columns = append(columns, c)
		}
	}
	n = 1
	for n < min(list.Len(), limit) && m.leavesAlike(first, list.Index(n)) {
		n++
	}
	return columns, n
}

func (m *model) leavesAlike(a, b reflect.Value) bool {
	for _, c := range m.columns {
		if (c.auto || c.fallback) && c.left(a) != c.left(b) {
			return false
		}
	}
	return true
}

// insertSome writes rows that have the same columns with one statement.
func insertSome[T any](ctx context.Context, c Conn, l link, m *model, rows []T, columns []*column, on conflict) error {
	s := newStatement(l, 2*len(m.selected)+usualText+len(rows)*(6*len(columns)+4), len(rows)*len(columns))
	// SQLite reads a long text faster than its driver binds thousands of values.
	s.inline = s.inline || s.dialect == SQLite && len(rows) > 1
	s.loose = len(rows) > 1 && (s.inline || len(rows) != m.most(s.dialect))
	s.sql("INSERT INTO ", m.quoted, " (")
	commas(s, columns, func(c *column) { s.sql(c.quoted) })
	s.sql(") VALUES ")
	if len(columns) == 0 {
		s.buf = s.buf[:0]
		s.sql("INSERT INTO ", m.quoted)
		if s.dialect == MySQL {
			s.sql(" () VALUES ()")
		} else {
			s.sql(" DEFAULT VALUES")
		}
	}
	for i := range rows {
		if len(columns) == 0 {
			break
		}
		if i > 0 {
			s.sql(", ")
		}
		m.writeRow(s, reflect.ValueOf(&rows[i]).Elem(), columns)
	}
	if len(columns) == 0 && len(rows) > 1 {
		for i := range rows { // there is no form for several
			if err := insertSome(ctx, c, l, m, rows[i:i+1], nil, on); err != nil {
				return err
			}
		}
		return nil
	}
	on.write(s, m, columns)
	asked := m.asked(reflect.ValueOf(&rows[0]).Elem())
	if len(asked) == 0 || s.dialect == MySQL {
		return insertPlain(ctx, c, l, m, s, rows, asked, on)
	}
	s.sql(" RETURNING ")
	commas(s, asked, func(c *column) { s.sql(c.quoted) })
	n, err := returned(ctx, l, s, rows, asked)
	if err == nil && n < len(rows) && !l.silent && !on.active {
		err = fmt.Errorf("the database returned %d of %d rows", n, len(rows))
	}
	return located(ctx, c, m, err)
}

func (m *model) writeRow(s *statement, row reflect.Value, columns []*column) {
	s.sql("(")
	commas(s, columns, func(c *column) { s.field(m, c, row) })
	s.sql(")")
}

// field adds the value of a field.
func (s *statement) field(m *model, c *column, row reflect.Value) {
	v := c.value(row)
	if !v.IsValid() {
		s.bound(nil)
		return
	}
	if s.inline && s.dialect == SQLite && s.straight(c.codec, v) {
		return
	}
	a, err := c.codec.arg(v)
	if err != nil {
		s.fail(fmt.Errorf("%s.%s: %w", m.typ, c.field, err))
	}
	s.bound(a)
}

// asked returns the columns whose values the database chooses for a row.
func (m *model) asked(row reflect.Value) (columns []*column) {
	for _, c := range m.columns {
		if !c.scanOnly && c.left(row) {
			columns = append(columns, c)
		}
	}
	return columns
}

// returned runs a statement and reads what it returns into the rows. n is how many
// there were.
func returned[T any](ctx context.Context, l link, s *statement, rows []T, asked []*column) (n int, err error) {
	result, err := l.query(ctx, s)
	if err != nil {
		return 0, err
	}
	defer result.done(&err)
	dests := make([]any, len(asked))
	for ; n < len(rows) && result.Next(); n++ {
		row := reflect.ValueOf(&rows[n]).Elem()
		for i, c := range asked {
			dests[i] = c.codec.dest(c.place(row).Addr().Interface())
		}
		if err := result.Scan(dests...); err != nil {
			return n, err
		}
	}
	return n, nil
}

// insertPlain runs an INSERT that returns nothing. MySQL tells the first id of a
// statement; the others follow it (innodb_autoinc_lock_mode 0 and 1, and 2 for
// statements whose number of rows is known).
func insertPlain[T any](ctx context.Context, c Conn, l link, m *model, s *statement, rows []T, asked []*column, on conflict) error {
	result, err := l.exec(ctx, s)
	if err != nil {
		return located(ctx, c, m, err)
	}
	if len(asked) == 0 || l.silent || on.active {
		return nil
	}
	for _, column := range asked {
		if !column.auto {
			continue
		}
		first, err := result.LastInsertId()
		if err != nil {
			return err
		}
		for i := range rows {
			setInteger(column.place(reflect.ValueOf(&rows[i]).Elem()), first+int64(i))
		}
	}
	return readBack(ctx, c, m, rows, asked)
}

func setInteger(v reflect.Value, n int64) {
	switch {
	case v.Kind() == reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		setInteger(p.Elem(), n)
		v.Set(p)
	case v.CanInt():
		v.SetInt(n)
	case v.CanUint():
		v.SetUint(uint64(n)) //nolint:gosec // ids are positive
	}
}

// readBack asks MySQL for the defaults that it has chosen.
func readBack[T any](ctx context.Context, c Conn, m *model, rows []T, asked []*column) error {
	var names []string
	for _, a := range asked {
		if a.key && !a.auto {
			return nil // it cannot be found
		}
		if !a.auto {
			names = append(names, a.quoted)
		}
	}
	if len(names) == 0 || len(m.keys) == 0 {
		return nil
	}
	for i := range rows {
		row := reflect.ValueOf(&rows[i]).Elem()
		l := c.link(ctx, false)
		s := newStatement(l, usualText, usualArgs).sql("SELECT ", strings.Join(names, ", "), " FROM ", m.quoted)
		m.writeKey(s, row)
		var rest []*column
		for _, a := range asked {
			if !a.auto {
				rest = append(rest, a)
			}
		}
		if _, err := returned(ctx, l, s, rows[i:i+1], rest); err != nil { // it may be deleted since
			return err
		}
	}
	return nil
}

// writeKey writes the condition that finds a row.
func (m *model) writeKey(s *statement, row reflect.Value) {
	s.sql(" WHERE ")
	if len(m.keys) == 0 {
		s.fail(fmt.Errorf("%s has no primary key: a field with the tag bun:\"...,pk\"", m.typ))
	}
	for i, k := range m.keys {
		if i > 0 {
			s.sql(" AND ")
		}
		s.sql(k.quoted, " = ")
		s.field(m, k, row)
	}
}
