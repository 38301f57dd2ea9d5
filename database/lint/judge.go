package lint

import (
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/sqltext"
)

// judge adds the findings about an operation.
func (c *checker) judge(o operation, replaced map[string]bool) {
	postgres, mysql := c.server.Dialect == database.Postgres, c.server.Dialect == database.MySQL
	switch o.kind {
	case createTable: // is remembered
	case dropTable:
		if replaced[strings.ToLower(o.table)] {
			c.find("table-rebuild", o.table)
		} else {
			c.find("drop-table", o.table)
		}
	case renameTable:
		c.find("rename-table", o.table)
	case dropColumn:
		c.find("drop-column", o.table)
	case renameColumn:
		c.find("rename-column", o.table)
	case changeType:
		if !c.widens(o) {
			c.find("change-type", o.table)
		}
	case addColumn:
		c.judgeColumn(o)
	case setNotNull:
		if postgres {
			c.find("set-not-null", o.table)
		}
	case createIndex, dropIndex:
		c.judgeIndex(o)
	case addForeignKey:
		if (postgres && !o.notValid) || mysql {
			c.find("add-foreign-key", o.table)
		}
	case addCheck:
		if (postgres && !o.notValid) || mysql {
			c.find("add-check", o.table)
		}
	case validate:
		if postgres && !c.current.NoTransaction && c.added[strings.ToLower(o.name)] {
			c.find("validate-in-transaction", o.table)
		}
	case addUnique:
		if postgres && !o.usingIndex {
			c.find("add-unique", o.table)
		}
	case addPrimaryKey:
		if (postgres && !o.usingIndex) || mysql {
			c.find("add-primary-key", o.table)
		}
	case dropPrimaryKey, convertCharset:
		if mysql {
			c.find("table-copy", o.table)
		}
	case truncate, deleteAll:
		c.find("delete-all", o.table)
	case updateAll:
		c.find("update-all", o.table)
	case dropType:
		c.find("drop-type", o.table)
	case renameValue:
		if postgres {
			c.find("rename-value", o.table)
		}
	case lockTable:
		c.find("lock-table", o.table)
	}
}

func (c *checker) judgeIndex(o operation) {
	switch {
	case c.server.Dialect != database.Postgres:
	case o.concurrently && !c.current.NoTransaction:
		c.find("concurrent-in-transaction", o.table)
	case !o.concurrently && o.kind == createIndex:
		c.find("index-not-concurrent", o.table)
	}
}

// volatile are functions whose value differs from row to row, so that PostgreSQL
// writes each row when a column with such a default is added.
var volatile = []string{"GEN_RANDOM_UUID", "UUID_GENERATE_V4", "UUID_GENERATE_V1", "UUIDV4", "UUIDV7", "RANDOM", "CLOCK_TIMESTAMP", "TIMEOFDAY", "NEXTVAL", "GEN_RANDOM_BYTES"}

func (c *checker) judgeColumn(o operation) {
	d := o.definition
	generated := d.has("GENERATED") || d.has("AS")
	filled := d.has("DEFAULT") || generated || d.has("AUTO_INCREMENT") || d.has("SERIAL") || d.has("BIGSERIAL") || d.has("SMALLSERIAL")
	if d.has("NOT", "NULL") && !filled || d.has("PRIMARY", "KEY") && !filled {
		c.find("add-not-null", o.table)
	}
	switch c.server.Dialect {
	case database.Postgres:
		random := slices.ContainsFunc(d, func(t sqltext.Token) bool { return t.Is(volatile...) })
		if d.has("SERIAL") || d.has("BIGSERIAL") || d.has("SMALLSERIAL") || d.has("IDENTITY") || d.has("STORED") || d.has("DEFAULT") && random {
			c.find("table-rewrite", o.table)
		}
		if d.has("UNIQUE") || d.has("PRIMARY", "KEY") {
			c.find("add-unique", o.table)
		}
	case database.MySQL:
		if d.has("STORED") || d.has("PERSISTENT") || d.has("AUTO_INCREMENT") {
			c.find("table-copy", o.table)
		}
	case database.SQLite: // adding a column never touches its rows
	}
}

// widens reports whether a change of a column's type costs nothing and breaks nobody:
// a text that may be longer.
func (c *checker) widens(o operation) bool {
	if c.server.TypeOf == nil {
		return false
	}
	before, after := parseType(c.server.TypeOf(o.table, o.name)), readType(o.definition)
	if o.definition.has("USING") || before.name == "" {
		return false
	}
	if c.server.Dialect == database.Postgres {
		switch {
		case before.name == "varchar" && after.name == "text":
			return true
		case before.name == "text" && after.name == "varchar":
			return after.first == 0
		case before.name == "varchar" && after.name == "varchar":
			return after.first == 0 || before.first > 0 && after.first >= before.first
		case before.name == "numeric" && after.name == "numeric":
			return after.first == 0 || before.first > 0 && after.first >= before.first && after.second == before.second
		}
		return before == after
	}
	// MySQL keeps the length of a text in one byte or in two; utf8mb4 has up to four
	// bytes a character.
	const short = 255 / 4
	if before.name == "varchar" && after.name == "varchar" {
		return after.first >= before.first && (before.first <= short) == (after.first <= short)
	}
	return before == after
}

// columnType is a type with its numbers.
type columnType struct {
	name          string
	first, second int
}

// names that mean the same.
var sameTypes = map[string]string{
	"character varying": "varchar", "decimal": "numeric", "int4": "integer", "int": "integer", "int8": "bigint", "bool": "boolean",
	"timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp", "double precision": "float8",
}

func parseType(text string) columnType {
	tokens, err := sqltext.Tokens(sqltext.Postgres, text)
	if err != nil {
		return columnType{}
	}
	return readType(tokens)
}

// readType reads the type at the beginning of a column's definition.
func readType(w words) columnType {
	var t columnType
	var name []string
	for len(w) > 0 && w[0].Kind == sqltext.Word && !w[0].Is("NOT", "NULL", "DEFAULT", "USING", "COLLATE", "CHARACTER SET", "COMMENT", "AFTER", "FIRST") {
		if w[0].Is("CHARACTER") && len(w) > 1 && w[1].Is("SET") {
			break
		}
		name = append(name, strings.ToLower(w[0].Text))
		w = w[1:]
	}
	t.name = strings.Join(name, " ")
	if same, ok := sameTypes[t.name]; ok {
		t.name = same
	}
	if w.take("(") {
		t.first = number(&w)
		if w.take(",") {
			t.second = number(&w)
		}
	}
	return t
}

func number(w *words) int {
	n := 0
	if len(*w) > 0 && (*w)[0].Kind == sqltext.Number {
		for _, digit := range (*w)[0].Text {
			if digit < '0' || digit > '9' {
				break
			}
			n = n*10 + int(digit-'0')
		}
		*w = (*w)[1:]
	}
	return n
}
