package modelgen

import (
	"math/big"
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// defaultOf returns the SQL of a default.
func defaultOf(x schema.Expr) string {
	switch x := x.(type) {
	case *schema.Literal:
		return x.V
	case *schema.RawExpr:
		return x.X
	case *schema.NamedDefault:
		return defaultOf(x.Expr)
	}
	return ""
}

// canonical returns a default in a notation that is the same for all databases: a
// literal, or a word for what is computed.
func canonical(c Column, sql string, backslash bool) string {
	list := tokens(sql, backslash)
	if len(list) == 0 || len(list) == 1 && list[0].is("null") {
		return ""
	}
	if c.Kind == Time && !c.Array && isClock(list) {
		return Now
	}
	text, ok := literal(list)
	if !ok || c.Array {
		return Computed
	}
	switch c.Kind {
	case Bool:
		switch strings.ToLower(text) {
		case "true", "t", "1":
			return "true"
		case "false", "f", "0":
			return "false"
		}
	case Int, Uint, Float, Decimal:
		if n, ok := new(big.Rat).SetString(text); ok {
			digits, _ := n.FloatPrec()
			return n.FloatString(digits)
		}
	case Text, Enum, JSON:
		if list[0].string && !strings.ContainsAny(text, "\",:()\\`\r\n") {
			return "'" + strings.ReplaceAll(text, "'", "''") + "'"
		}
	case Time, Bytes:
	}
	return Computed
}

// literal returns the one value of an expression that is nothing else.
func literal(list []lexeme) (string, bool) {
	switch {
	case len(list) == 1 && !list[0].quoted:
		return list[0].text, true
	case len(list) == 2 && list[0].is("-") && !list[1].string && !list[1].quoted:
		return "-" + list[1].text, true
	}
	return "", false
}

// clocks are the words for the current time. SQLite has functions of the text 'now'.
var clocks = []string{"current_timestamp", "now", "localtimestamp", "current_date", "curdate", "transaction_timestamp", "statement_timestamp", "clock_timestamp"}

func isClock(list []lexeme) bool {
	first := list[0]
	if first.string || first.quoted {
		return false
	}
	if slices.Contains(clocks, first.text) {
		return len(list) <= 2 // a number is the precision
	}
	return slices.Contains([]string{"strftime", "datetime", "date"}, first.text) &&
		slices.ContainsFunc(list, func(t lexeme) bool { return t.string && t.text == "now" })
}
