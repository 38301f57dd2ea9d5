package database

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Upsert stores rows; where one with the same values in the columns of a unique index
// exists, it gets the new values of the columns update, and updated_at. Without update
// it is left as it is. MySQL looks at all unique indexes, whatever unique says. The ids
// of the rows are not filled in.
//
//	err := database.Upsert(ctx, db, rates, []string{"currency", "day"}, "rate")
func Upsert[T any](ctx context.Context, c Conn, rows []T, unique []string, update ...string) error {
	if len(unique) == 0 {
		return wrap[T]("upsert", errors.New("the columns of a unique index are missing"))
	}
	// A copy: what the rows are told would be wrong for those that existed.
	return wrap[T]("upsert", insert(ctx, c, slices.Clone(rows), conflict{unique, update, true}))
}

// write adds what happens to a row that exists.
func (on conflict) write(s *statement, m *model, columns []*column) {
	if !on.active {
		return
	}
	update := make([]*column, 0, len(on.update)+1)
	for _, name := range on.update {
		c, err := m.named(name)
		if err != nil {
			s.fail(err)
			return
		}
		update = append(update, c)
	}
	if m.updated != nil && len(update) > 0 && !slices.Contains(update, m.updated) && slices.Contains(columns, m.updated) {
		update = append(update, m.updated)
	}
	if s.dialect == MySQL {
		on.writeMySQL(s, m, update)
		return
	}
	s.sql(" ON CONFLICT (")
	commas(s, on.columns, func(name string) {
		c, err := m.named(name)
		if err != nil {
			s.fail(err)
			return
		}
		s.sql(c.quoted)
	})
	s.sql(") DO ")
	if len(update) == 0 {
		s.sql("NOTHING")
		return
	}
	s.sql("UPDATE SET ")
	commas(s, update, func(c *column) { s.sql(c.quoted, " = excluded.", c.quoted) })
}

func (on conflict) writeMySQL(s *statement, m *model, update []*column) {
	s.sql(" ON DUPLICATE KEY UPDATE ")
	for _, name := range on.columns {
		if _, err := m.named(name); err != nil {
			s.fail(err)
			return
		}
	}
	if len(update) == 0 { // a change that is none
		c, _ := m.named(on.columns[0])
		s.sql(c.quoted, " = ", c.quoted)
		return
	}
	commas(s, update, func(c *column) { s.sql(c.quoted, " = VALUES(", c.quoted, ")") })
}

// now is the time that a change is stamped with.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
