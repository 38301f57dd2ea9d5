package database

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kitgo/kit/validate"
)

// Rules returns the rules unique and exists for tags of package validate, which ask the
// database:
//
//	rules := validate.New(&validate.Options{Rules: database.Rules(db)})
//
//	type member struct {
//		ID     int64   `path:"id"`
//		TeamID int64   `json:"team_id" validate:"required,exists=teams.id"`
//		Email  string  `json:"email" validate:"required,email,unique=members.email id!=ID team_id=TeamID"`
//		Tags   []int64 `json:"tags" validate:"max=20,exists=tags.id"`
//	}
//
// After the table and the column come conditions on other columns: column=Field and
// column!=Field compare with a field of the same struct, column=null wants none. So
// id!=ID leaves out the row that is being changed, and a new one has an ID of 0. Of a
// list every entry must exist, or be unique, which is one query.
//
// A rule is asked when the other rules of its field have found nothing wrong. Between
// its answer and the writing of the row another request may write the same: only a
// unique index or a foreign key decides, and its error is a [*UniqueError] or
// [*ForeignKeyError]. The rules are for the message.
func Rules(c Conn) map[string]validate.Rule {
	return map[string]validate.Rule{
		"unique": func(ctx context.Context, f validate.Field) (bool, error) {
			values := distinct(f.Value())
			found, err := matching(ctx, c, f, values)
			return found == 0, err
		},
		"exists": func(ctx context.Context, f validate.Field) (bool, error) {
			values := distinct(f.Value())
			found, err := matching(ctx, c, f, values)
			return found == len(values), err
		},
	}
}

// distinct returns the different values of a list, or the one that v is.
func distinct(v any) []any {
	rv := reflect.ValueOf(v)
	if k := rv.Kind(); k != reflect.Slice || rv.Type().Elem().Kind() == reflect.Uint8 || isValuer(v) {
		return []any{v}
	}
	seen := map[any]bool{}
	for i := range rv.Len() {
		if entry := rv.Index(i); entry.Comparable() {
			seen[entry.Interface()] = true
		}
	}
	return slices.Collect(maps.Keys(seen))
}

// matching counts the values that are in the column of a rule.
func matching(ctx context.Context, c Conn, f validate.Field, values []any) (n int, err error) {
	if len(values) == 0 {
		return 0, nil
	}
	l := c.link(ctx, false)
	s := newStatement(l, usualText, usualArgs)
	if err := writeRule(s, f, values); err != nil {
		return 0, err
	}
	rows, err := l.query(ctx, s)
	if err != nil {
		return 0, err
	}
	defer rows.done(&err)
	for rows.Next() {
		if err := rows.Scan(&n); err != nil {
			return 0, err
		}
	}
	return n, nil
}

// writeRule writes the query of a rule: its argument is table.column and conditions.
func writeRule(s *statement, f validate.Field, values []any) error {
	words := strings.Fields(f.Arg)
	if len(words) == 0 {
		return fmt.Errorf("it needs a table and a column, such as users.email")
	}
	dot := strings.LastIndexByte(words[0], '.')
	if dot <= 0 || dot+1 == len(words[0]) {
		return fmt.Errorf("%q is no table and column, such as users.email", words[0])
	}
	column := words[0][dot+1:]
	if len(values) == 1 {
		s.sql("SELECT count(*) FROM (SELECT 1 FROM ")
	} else {
		s.sql("SELECT count(DISTINCT ").name(column).sql(") FROM ")
	}
	for i, part := range strings.Split(words[0][:dot], ".") { // a table may have its schema
		if i > 0 {
			s.sql(".")
		}
		s.name(part)
	}
	s.sql(" WHERE ").name(column)
	if len(values) == 1 {
		s.sql(" = ").arg(values[0])
	} else {
		s.loose = true
		commas(s.sql(" IN ("), values, func(v any) { s.arg(v) }).sql(")")
	}
	for _, word := range words[1:] {
		if err := writeCondition(s, f, word); err != nil {
			return err
		}
	}
	if len(values) == 1 {
		s.sql(" LIMIT 1) AS found")
	}
	return nil
}

// writeCondition adds column=Field, column!=Field or column=null.
func writeCondition(s *statement, f validate.Field, word string) error {
	column, field, ok := strings.Cut(word, "=")
	column, not := strings.CutSuffix(column, "!")
	if !ok || !isName(column) {
		return fmt.Errorf("%q is no condition such as team_id=TeamID", word)
	}
	var value any
	if field != "null" {
		if value, ok = f.Sibling(field); !ok {
			return fmt.Errorf("there is no field %s for %s", field, word)
		}
	}
	v := reflect.ValueOf(value)
	isNil := !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil()
	if valuer, ok := value.(driver.Valuer); ok && !isNil {
		inner, err := valuer.Value()
		if err != nil {
			return err
		}
		isNil = inner == nil
	}
	switch {
	case isNil && not && field != "null": // a new row is none of the others
	case isNil && not:
		s.sql(" AND ").name(column).sql(" IS NOT NULL")
	case isNil:
		s.sql(" AND ").name(column).sql(" IS NULL")
	case not:
		s.sql(" AND ").name(column).sql(" <> ").arg(value)
	default:
		s.sql(" AND ").name(column).sql(" = ").arg(value)
	}
	return nil
}
