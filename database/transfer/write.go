package transfer

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/kitgo/kit/database"
)

// A batch is so many rows, or a row more than so many bytes.
const (
	batchRows  = 1000
	batchBytes = 1 << 20
	// batchArguments is below what SQLite (32766) and MySQL (65535) take.
	batchArguments = 30_000
)

// batch are rows that are written together.
type batch struct {
	t    *table
	conn *sql.Conn
	d    database.Dialect
	rows []row
	size int
}

func (b *batch) add(ctx context.Context, r row) error {
	b.rows = append(b.rows, r)
	for _, v := range r.values {
		b.size += len(v.text) + 8
	}
	if len(b.rows) >= batchRows || b.size >= batchBytes || b.d != database.Postgres && (len(b.rows)+1)*len(b.t.columns) > batchArguments {
		return b.flush(ctx)
	}
	return nil
}

// flush writes the rows.
func (b *batch) flush(ctx context.Context) error {
	if len(b.rows) == 0 {
		return nil
	}
	rows := b.rows
	b.rows, b.size = b.rows[:0], 0
	if b.d == database.Postgres {
		return b.copyIn(ctx, rows)
	}
	err := b.insert(ctx, rows)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if len(rows) > 1 {
		// Which one is it? A statement that fails changes nothing.
		for _, r := range rows {
			if err := b.insert(ctx, []row{r}); err != nil {
				return b.blame(r, err)
			}
		}
		return &Error{Table: b.t.name, Err: err}
	}
	return b.blame(rows[0], err)
}

// named finds a column in the message of a database.
var named = regexp.MustCompile("(?:column|constraint failed:) [`'\"]?([^`'\" ]+)[`'\"]?")

func (b *batch) blame(r row, err error) error {
	e := &Error{Table: b.t.name, Row: b.t.keyOf(r), Err: err}
	if m := named.FindStringSubmatch(err.Error()); m != nil {
		for _, c := range b.t.columns {
			if c.name == m[1] || b.t.name+"."+c.name == m[1] {
				e.Column = c.name
			}
		}
	}
	return e
}

func (b *batch) columns() string {
	list := make([]string, len(b.t.columns))
	for i, c := range b.t.columns {
		list[i] = quote(b.d, c.name)
	}
	return quote(b.d, b.t.name) + " (" + strings.Join(list, ", ") + ")"
}

func (b *batch) insert(ctx context.Context, rows []row) error {
	marks := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(b.t.columns)), ", ") + ")"
	query := "INSERT INTO " + b.columns() + " VALUES " + strings.TrimSuffix(strings.Repeat(marks+", ", len(rows)), ", ")
	args := make([]any, 0, len(rows)*len(b.t.columns))
	for _, r := range rows {
		for i, v := range r.values {
			args = append(args, b.t.columns[i].argument(b.d, v))
		}
	}
	_, err := b.conn.ExecContext(ctx, query, args...)
	return err
}

// argument returns what a driver writes a value with, as the application would.
func (c column) argument(d database.Dialect, v value) any {
	if v.null {
		return nil
	}
	switch c.kind {
	case octets:
		return []byte(v.text)
	case boolean:
		return v.canon == "1"
	case moment, day:
		if d != database.SQLite {
			return v.canon
		}
		at, _ := parseMoment(v.canon) // it was parsed before
		return at
	case number:
		if n, err := strconv.ParseInt(v.text, 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(v.text, 64); err == nil && d == database.SQLite {
			return f
		}
		return v.text
	case char, uuid:
		return v.canon
	default:
		return v.text
	}
}

// copyIn writes rows with COPY, whose text each type of PostgreSQL reads by itself.
func (b *batch) copyIn(ctx context.Context, rows []row) error {
	var text bytes.Buffer
	for _, r := range rows {
		for i, v := range r.values {
			if i > 0 {
				text.WriteByte('\t')
			}
			b.t.columns[i].copyText(&text, v)
		}
		text.WriteByte('\n')
	}
	err := b.conn.Raw(func(c any) error {
		pg, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the connection is a %T", c)
		}
		_, err := pg.Conn().PgConn().CopyFrom(ctx, &text, "COPY "+b.columns()+" FROM STDIN")
		return err
	})
	if err == nil {
		return nil
	}
	e := &Error{Table: b.t.name, Err: err}
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		e.Err = errors.New(server.Message)
		if server.Detail != "" {
			e.Err = errors.New(server.Message + ": " + server.Detail)
		}
		e.Column = server.ColumnName
		// Such as: COPY users, line 3, column email: "x"
		if _, rest, ok := strings.Cut(server.Where, ", line "); ok {
			rest, _, _ = strings.Cut(rest, ":")
			line, column, _ := strings.Cut(rest, ", column ")
			if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(rows) {
				e.Row = b.t.keyOf(rows[n-1])
			}
			if column != "" {
				e.Column = column
			}
		}
	}
	return e
}

var copyEscapes = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// copyText writes a value in the text format of COPY,
// https://www.postgresql.org/docs/current/sql-copy.html.
func (c column) copyText(w *bytes.Buffer, v value) {
	switch {
	case v.null:
		w.WriteString(`\N`)
	case c.kind == octets && c.to == "bytea":
		w.WriteString(`\\x`)
		w.WriteString(hex.EncodeToString([]byte(v.text)))
	case c.kind == moment:
		w.WriteString(v.canon + "+00")
	case c.kind == boolean && c.to != "boolean", c.kind == day, c.kind == uuid:
		w.WriteString(v.canon)
	default:
		_, _ = copyEscapes.WriteString(w, v.text)
	}
}
