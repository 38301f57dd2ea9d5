package schema

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kitgo/kit/database"
)

// clocks are the defaults of UseCurrent. SQLite's own CURRENT_TIMESTAMP lacks the
// offset, so that it would not sort with the times that Go writes.
var clocks = map[database.Dialect]map[kind]string{
	database.MySQL: {
		timestamp: "CURRENT_TIMESTAMP(6)", datetime: "CURRENT_TIMESTAMP(6)", date: "(UTC_DATE())", clock: "(UTC_TIME())",
	},
	database.Postgres: {
		timestamp: "CURRENT_TIMESTAMP", datetime: "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')",
		date: "((CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::date)", clock: "((CURRENT_TIMESTAMP AT TIME ZONE 'UTC')::time(0))",
	},
	database.SQLite: {
		timestamp: "(strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))", datetime: "(strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))",
		date: "(date('now'))", clock: "(time('now'))",
	},
}

// defaultValue returns the default of a column as SQL; "" for none.
func (c *Column) defaultValue(d database.Dialect) string {
	switch {
	case c.now:
		return clocks[d][c.kind]
	case c.expression != "":
		return "(" + c.expression + ")"
	case c.fallback != nil && d == database.MySQL && c.large():
		return "(" + c.literal(d) + ")" // only an expression can be one here
	case c.fallback != nil:
		return c.literal(d)
	}
	return ""
}

// isLiteral reports whether literal knows a value.
func isLiteral(v any) bool {
	switch v.(type) {
	case bool, string, int, int64, int32, int16, int8, uint8, uint16, uint32, uint, uint64, float64, float32, time.Time:
		return true
	}
	return false
}

// literal returns the default as SQL.
func (c *Column) literal(d database.Dialect) string {
	switch v := c.fallback.(type) {
	case bool:
		if v {
			return "TRUE"
		}
		return "FALSE"
	case string:
		return quoteString(d, v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case time.Time:
		layout := "2006-01-02 15:04:05.999999-07:00"
		switch {
		case c.kind == date:
			layout = time.DateOnly
		case c.kind == clock:
			layout = time.TimeOnly
		case d == database.MySQL, d == database.Postgres && c.kind == datetime:
			layout = "2006-01-02 15:04:05.999999"
		}
		return quoteString(d, v.UTC().Format(layout))
	default:
		return fmt.Sprint(v)
	}
}
