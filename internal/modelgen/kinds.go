package modelgen

import (
	"regexp"
	"strings"

	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
)

// The kinds of the types that are not Text, by their exact names. A type that is not
// here, such as inet, is a string in Go: its text, which every driver reads.
var (
	mysqlKinds = map[string]Kind{
		"tinyint": Int, "smallint": Int, "mediumint": Int, "int": Int, "bigint": Int, "year": Int,
		"float": Float, "double": Float, "decimal": Decimal,
		"datetime": Time, "timestamp": Time, "date": Time, "json": JSON,
		"binary": Bytes, "varbinary": Bytes, "tinyblob": Bytes, "blob": Bytes, "mediumblob": Bytes, "longblob": Bytes, "bit": Bytes,
	}
	postgresKinds = map[string]Kind{
		"smallint": Int, "integer": Int, "bigint": Int, "smallserial": Int, "serial": Int, "bigserial": Int, "boolean": Bool,
		"real": Float, "double precision": Float, "numeric": Decimal,
		"timestamp with time zone": Time, "timestamp without time zone": Time, "date": Time,
		"json": JSON, "jsonb": JSON, "bytea": Bytes,
	}
	// The names of SQLite are free. These are those of the other databases and of
	// SQLite's own documentation.
	sqliteKinds = map[string]Kind{
		"int": Int, "integer": Int, "tinyint": Int, "smallint": Int, "mediumint": Int, "bigint": Int, "int2": Int, "int8": Int, "unsigned big int": Int,
		"bool": Bool, "boolean": Bool,
		"real": Float, "float": Float, "double": Float, "double precision": Float, "numeric": Decimal, "decimal": Decimal,
		"timestamp": Time, "datetime": Time, "date": Time, "json": JSON, "jsonb": JSON, "json text": JSON,
		"": Bytes, "blob": Bytes,
	}
)

// size is what stands in parentheses in a type, such as (10, 2).
var size = regexp.MustCompile(`\s*\([^)]*\)`)

// name returns a type without its size, in lower case.
func name(raw string) string {
	return strings.ToLower(strings.TrimSpace(size.ReplaceAllString(raw, "")))
}

func mysqlKind(t *schema.ColumnType) (Kind, bool) {
	raw := strings.ToLower(t.Raw)
	first, rest, _ := strings.Cut(name(raw), " ")
	switch {
	case strings.HasPrefix(raw, "tinyint(1)"): // what boolean is short for
		return Bool, false
	case first == "bigint" && strings.HasPrefix(rest, "unsigned"):
		return Uint, false
	}
	if _, ok := t.Type.(*schema.JSONType); ok { // MariaDB's is a longtext with a check
		return JSON, false
	}
	return mysqlKinds[first], false
}

// mysqlValues returns the values of a type such as enum('a','b').
func mysqlValues(raw string) []string {
	var values []string
	for _, l := range tokens(raw, true) {
		if l.string {
			values = append(values, l.text)
		}
	}
	return values
}

func mysqlAuto(_ *schema.Table, c *schema.Column) bool { return has[*mysql.AutoIncrement](c.Attrs) }

func postgresKind(t *schema.ColumnType) (Kind, bool) {
	if a, ok := t.Type.(*postgres.ArrayType); ok {
		element := name(strings.TrimSuffix(a.T, "[]"))
		kind := postgresKinds[element]
		// The driver makes slices of these; other arrays are their text.
		if kind == Int || kind == Bool || kind == Float || element == "text" || element == "character varying" {
			return kind, true
		}
		return Text, false
	}
	return postgresKinds[t.Raw], false
}

func postgresAuto(_ *schema.Table, c *schema.Column) bool {
	_, serial := c.Type.Type.(*postgres.SerialType)
	return serial || has[*postgres.Identity](c.Attrs)
}

func sqliteKind(t *schema.ColumnType) (Kind, bool) {
	return sqliteKinds[strings.Join(strings.Fields(name(t.Raw)), " ")], false
}

// keyClause matches a primary key that is a clause of its own in CREATE TABLE.
var keyClause = regexp.MustCompile(`(?i)\bPRIMARY\s+KEY\s*\(`)

// sqliteAuto reports whether a column numbers the rows. In SQLite each INTEGER key
// does. Where the clause stands tells those that are meant to, as
// "id INTEGER PRIMARY KEY", from a key that the program chooses.
func sqliteAuto(t *schema.Table, c *schema.Column) bool {
	if t.PrimaryKey == nil || len(t.PrimaryKey.Parts) != 1 || t.PrimaryKey.Parts[0].C != c || !strings.EqualFold(c.Type.Raw, "INTEGER") {
		return false
	}
	for _, a := range t.Attrs {
		if create, ok := a.(*sqlite.CreateStmt); ok {
			return !keyClause.MatchString(create.S)
		}
	}
	return false
}

func has[A schema.Attr](attrs []schema.Attr) bool {
	for _, a := range attrs {
		if _, ok := a.(A); ok {
			return true
		}
	}
	return false
}
