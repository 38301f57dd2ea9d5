package database

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun/schema"
)

// statement is SQL that is being written, with its arguments. They go to the database
// beside the text, so that the text is the same each time and can be prepared; where a
// link wants it, they go into the text.
type statement struct {
	dialect Dialect
	gen     schema.QueryGen
	inline  bool
	buf     []byte
	args    []any // the first place is for pgx's mode
	err     error
	loose   bool // the text depends on values, such as the length of a list
}

// newStatement returns an empty statement with room for some text and some arguments.
func newStatement(l link, text, args int) *statement {
	return &statement{
		dialect: l.db.Dialect(), gen: l.db.bun.QueryGen(), inline: l.inline,
		buf: make([]byte, 0, text), args: make([]any, 1, args+1),
	}
}

// usualText and usualArgs are what most statements need besides a list of columns.
const (
	usualText = 160
	usualArgs = 7
)

// fail keeps the first error.
func (s *statement) fail(err error) {
	if s.err == nil {
		s.err = err
	}
}

// sql adds text as it is.
func (s *statement) sql(parts ...string) *statement {
	for _, p := range parts {
		s.buf = append(s.buf, p...)
	}
	return s
}

func (s *statement) name(n string) *statement {
	s.buf = appendName(s.buf, s.dialect, n)
	return s
}

// appendName adds a name in quotes.
func appendName(b []byte, d Dialect, name string) []byte {
	q := byte('"')
	if d == MySQL {
		q = '`'
	}
	b = append(b, q)
	for i := range len(name) {
		if name[i] == q {
			b = append(b, q)
		}
		b = append(b, name[i])
	}
	return append(b, q)
}

func quoted(d Dialect, name string) string { return string(appendName(nil, d, name)) }

// arg adds a value.
func (s *statement) arg(v any) *statement {
	v, err := argument(v)
	if err != nil {
		s.fail(err)
	}
	return s.bound(v)
}

// bound adds a value that is ready for the driver.
func (s *statement) bound(v any) *statement {
	if text, ok := v.(string); ok {
		s.refuseZeroByte(text)
	}
	if t, ok := v.(time.Time); ok && t.IsZero() && s.dialect == MySQL {
		v = "0001-01-01 00:00:00" // its driver would write 0000-00-00, which the server refuses
	}
	if s.inline {
		s.buf = s.literal(s.buf, v)
		return s
	}
	if s.dialect == Postgres {
		s.buf = strconv.AppendInt(append(s.buf, '$'), int64(len(s.args)), 10)
	} else {
		s.buf = append(s.buf, '?')
	}
	s.args = append(s.args, v)
	return s
}

// expr adds SQL that people wrote, with arguments at question marks. A slice becomes a
// list of values.
func (s *statement) expr(text string, args []any) *statement {
	rest := args
	for from := 0; ; {
		i := mark(text, from, '?')
		if i < 0 {
			s.buf = append(s.buf, strings.ReplaceAll(text[from:], `\?`, "?")...)
			break
		}
		s.buf = append(s.buf, strings.ReplaceAll(text[from:i], `\?`, "?")...)
		from = i + 1
		if len(rest) == 0 {
			s.fail(fmt.Errorf("%q has more question marks than arguments (%d); a question mark of SQL itself is written \\?", text, len(args)))
			return s
		}
		s.exprArg(text[:i], rest[0])
		rest = rest[1:]
	}
	if len(rest) > 0 {
		s.fail(fmt.Errorf("%q has fewer question marks than arguments (%d)", text, len(args)))
	}
	return s
}

func (s *statement) exprArg(before string, arg any) {
	if a, ok := arg.(schema.QueryAppender); ok { // bun.In, bun.Ident and others
		b, err := a.AppendQuery(s.gen, s.buf)
		if err != nil {
			s.fail(err)
		}
		s.buf, s.loose = b, true
		return
	}
	v := reflect.ValueOf(arg)
	if v.Kind() != reflect.Slice || v.Type().Elem().Kind() == reflect.Uint8 || isValuer(arg) {
		s.arg(arg)
		return
	}
	s.loose = true
	if v.Len() == 0 {
		words := strings.Fields(strings.ToUpper(strings.TrimRight(before, " (\t\r\n")))
		if n := len(words); n > 1 && words[n-1] == "IN" && words[n-2] == "NOT" {
			s.fail(fmt.Errorf("an empty list after %q holds for no row; use WhereNotIn", before))
		}
		s.sql("NULL")
	}
	for i := range v.Len() {
		if i > 0 {
			s.sql(", ")
		}
		s.arg(v.Index(i).Interface())
	}
}

// mark returns where the next sign is that stands for an argument, or -1.
func mark(text string, from int, sign byte) int {
	for i := from; i < len(text); i++ {
		switch c := text[i]; {
		case c == sign && (i == 0 || text[i-1] != '\\'):
			return i
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				return -1
			}
			i += end + 1
		case strings.HasPrefix(text[i:], "--"):
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return -1
			}
			i += end
		case strings.HasPrefix(text[i:], "/*"):
			end := strings.Index(text[i:], "*/")
			if end < 0 {
				return -1
			}
			i += end + 1
		}
	}
	return -1
}

// String returns the text with its arguments in place, for people to read.
func (s *statement) String() string {
	var b []byte
	text := string(s.buf)
	from, at := 0, byte('?')
	if s.dialect == Postgres {
		at = '$'
	}
	for _, arg := range s.args[1:] {
		i := mark(text, from, at)
		if i < 0 {
			break
		}
		b = s.literal(append(b, text[from:i]...), arg)
		for from = i + 1; at == '$' && from < len(text) && text[from] >= '0' && text[from] <= '9'; {
			from++
		}
	}
	return string(append(b, text[from:]...))
}

// commas adds items with commas between them.
func commas[T any](s *statement, items []T, add func(T)) *statement {
	for i, item := range items {
		if i > 0 {
			s.sql(", ")
		}
		add(item)
	}
	return s
}

// named replaces :name by the value of that name, which is in a map or a field of a
// struct, and returns the text with question marks and the arguments.
func named(db *DB, text string, values any) (string, []any, error) {
	get, err := namedValues(db, values)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	var args []any
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '\'' || c == '"' || c == '`':
			end := strings.IndexByte(text[i+1:], c)
			if end < 0 {
				end = len(text) - i - 2
			}
			b.WriteString(text[i : i+end+2])
			i += end + 1
		case c == '?':
			return "", nil, fmt.Errorf("%q has both names and a question mark", text)
		case strings.HasPrefix(text[i:], "::"): // a cast of PostgreSQL
			b.WriteString("::")
			i++
		case c == ':' && i+1 < len(text) && isLetter(rune(text[i+1])):
			end := i + 1
			for end < len(text) && isLetter(rune(text[end])) {
				end++
			}
			v, ok := get(text[i+1 : end])
			if !ok {
				return "", nil, fmt.Errorf("there is no value for :%s in %q", text[i+1:end], text)
			}
			b.WriteByte('?')
			args = append(args, v)
			i = end - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), args, nil
}

func namedValues(db *DB, values any) (func(string) (any, bool), error) {
	if m, ok := values.(map[string]any); ok {
		return func(name string) (any, bool) { v, ok := m[name]; return v, ok }, nil
	}
	v := reflect.Indirect(reflect.ValueOf(values))
	if !v.IsValid() {
		return nil, fmt.Errorf("a nil %T has no values", values)
	}
	m, err := db.modelOf(v.Type())
	if err != nil {
		return nil, err
	}
	return func(name string) (any, bool) {
		c := m.byName[name]
		if c == nil || !c.value(v).IsValid() {
			return nil, false
		}
		return c.value(v).Interface(), true
	}, nil
}

func isValuer(v any) bool {
	_, ok := v.(driver.Valuer)
	return ok
}

// sorted returns the keys of a map in a fixed order, so that a text is the same each
// time.
func sorted(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
