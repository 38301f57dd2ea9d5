package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/sqltext"
)

// tableText is the text of a CREATE TABLE statement of SQLite, which is what SQLite
// knows a table by, in parts that can be replaced. What is not replaced stays as it is
// written: checks, collations, comments.
type tableText struct {
	comment string // after the name
	parts   []*tablePart
	end     string // after the parentheses: WITHOUT ROWID, STRICT
}

// tablePart is a column or a constraint of a table.
type tablePart struct {
	text    string
	column  string   // "" for a constraint
	typing  string   // the type of a column
	comment string   // of a column: after its name
	clauses []clause // of a column its constraints; of a constraint itself
}

// clause is a constraint.
type clause struct {
	text   string
	kind   string // the first word in upper case, such as CHECK or NOT
	name   string
	tokens []sqltext.Token // after its name, without comments
}

// newTableText reads a statement as sqlite_master has it. Of the text with which MySQL
// shows a table it finds the checks.
func newTableText(d sqltext.Dialect, sql string) (*tableText, error) {
	tokens, err := sqltext.Tokens(d, sql)
	if err != nil {
		return nil, fmt.Errorf("read the definition of the table: %w", err)
	}
	open := slices.IndexFunc(tokens, func(t sqltext.Token) bool { return isSymbol(t, "(") })
	if open < 0 || len(tokens) < 3 || !tokens[1].Is("TABLE") {
		return nil, fmt.Errorf("it is no ordinary table: %s", shorten(sql))
	}
	t := &tableText{comment: commentOf(tokens[:open])}
	depth, start := 0, open+1
	for i := open; i < len(tokens); i++ {
		switch {
		case isSymbol(tokens[i], "("):
			depth++
		case isSymbol(tokens[i], ")"):
			depth--
		}
		if depth == 1 && isSymbol(tokens[i], ",") || depth == 0 {
			t.parts = append(t.parts, newTablePart(sql, tokens[start:i]))
			start = i + 1
		}
		if depth == 0 {
			t.end = strings.TrimSpace(sql[tokens[i].End:])
			return t, nil
		}
	}
	return nil, fmt.Errorf("the definition of the table has no end: %s", shorten(sql))
}

func isSymbol(t sqltext.Token, symbol string) bool {
	return t.Kind == sqltext.Symbol && t.Text == symbol
}

// commentOf returns the text of the last comment /* */ of some tokens.
func commentOf(tokens []sqltext.Token) string {
	text := ""
	for _, t := range tokens {
		if t.Kind == sqltext.Comment && strings.HasPrefix(t.Text, "/*") {
			text = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(t.Text, "/*"), "*/"))
		}
	}
	return text
}

func newTablePart(sql string, all []sqltext.Token) *tablePart {
	p := &tablePart{text: between(sql, all)}
	tokens := slices.DeleteFunc(slices.Clone(all), func(t sqltext.Token) bool { return t.Kind == sqltext.Comment })
	if len(tokens) == 0 {
		return p
	}
	if tokens[0].Is("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN") {
		p.clauses = []clause{newClause(sql, tokens)}
		return p
	}
	p.column = nameOf(tokens[0])
	at := clauseAt(tokens, 1)
	p.typing = between(sql, tokens[1:at])
	for at < len(tokens) {
		next := clauseAt(tokens, at+1)
		if tokens[at].Is("CONSTRAINT") { // and its name are a part of what follows
			next = clauseAt(tokens, min(at+3, len(tokens)))
		}
		p.clauses = append(p.clauses, newClause(sql, tokens[at:next]))
		at = next
	}
	if after := slices.IndexFunc(all, func(t sqltext.Token) bool { return t.Start > tokens[0].Start }); after >= 0 && all[after].Kind == sqltext.Comment {
		p.comment = commentOf(all[after : after+1])
	}
	return p
}

// clauseAt returns where a constraint of a column begins, from a position on.
func clauseAt(tokens []sqltext.Token, from int) int {
	depth := 0
	for i := range tokens {
		switch {
		case isSymbol(tokens[i], "("):
			depth++
		case isSymbol(tokens[i], ")"):
			depth--
		}
		if i < from || depth > 0 || !tokens[i].Is("CONSTRAINT", "PRIMARY", "NOT", "NULL", "UNIQUE", "CHECK", "DEFAULT", "COLLATE", "REFERENCES", "GENERATED", "AS") {
			continue
		}
		before := tokens[i-1]
		within := before.Is("SET", "NOT", "DEFAULT", "ALWAYS") || // SET NULL, NOT NULL, DEFAULT NULL, ALWAYS AS
			tokens[i].Is("NOT") && i+1 < len(tokens) && tokens[i+1].Is("DEFERRABLE")
		if !within {
			return i
		}
	}
	return len(tokens)
}

func newClause(sql string, tokens []sqltext.Token) clause {
	c := clause{text: between(sql, tokens)}
	if tokens[0].Is("CONSTRAINT") && len(tokens) > 2 {
		c.name = nameOf(tokens[1])
		tokens = tokens[2:]
	}
	c.kind, c.tokens = strings.ToUpper(tokens[0].Text), tokens
	return c
}

// between returns the text from the first of some tokens to the last.
func between(sql string, tokens []sqltext.Token) string {
	if len(tokens) == 0 {
		return ""
	}
	return sql[tokens[0].Start:tokens[len(tokens)-1].End]
}

// nameOf returns a name, which SQLite takes in quotes of a string, too.
func nameOf(t sqltext.Token) string {
	if t.Kind == sqltext.String {
		return strings.ReplaceAll(t.Text[1:len(t.Text)-1], "''", "'")
	}
	return t.Text
}

// is reports whether two names are the same in SQLite.
func is(a, b string) bool { return strings.EqualFold(a, b) }

// mentions reports whether one of some tokens is a name.
func mentions(tokens []sqltext.Token, name string) bool {
	return slices.ContainsFunc(tokens, func(t sqltext.Token) bool {
		return (t.Kind == sqltext.Word || t.Kind == sqltext.Name) && is(t.Text, name)
	})
}

// names returns the names in the first parentheses of a clause.
func (c clause) names() []string {
	var list []string
	depth, fresh := 0, false
	for _, t := range c.tokens {
		switch {
		case isSymbol(t, "("):
			depth++
			fresh = depth == 1
		case isSymbol(t, ")"):
			if depth--; depth == 0 {
				return list
			}
		case isSymbol(t, ","):
			fresh = depth == 1
		case fresh:
			list = append(list, nameOf(t))
			fresh = false
		}
	}
	return list
}

// body returns what is in the first parentheses of a clause.
func (c clause) body(sql string) string {
	depth, start := 0, 0
	for _, t := range c.tokens {
		switch {
		case isSymbol(t, "("):
			if depth++; depth == 1 {
				start = t.End
			}
		case isSymbol(t, ")"):
			if depth--; depth == 0 {
				return strings.TrimSpace(sql[start:t.Start])
			}
		}
	}
	return ""
}

// find returns the part of a column; nil when there is none.
func (t *tableText) find(column string) *tablePart {
	for _, p := range t.parts {
		if p.column != "" && is(p.column, column) {
			return p
		}
	}
	return nil
}

// has reports whether a column has a constraint of a kind.
func (p *tablePart) has(kinds ...string) bool {
	return slices.ContainsFunc(p.clauses, func(c clause) bool { return slices.Contains(kinds, c.kind) })
}

// key returns the columns of the primary key.
func (t *tableText) key() []string {
	for _, p := range t.parts {
		for _, c := range p.clauses {
			if c.kind == "PRIMARY" && p.column != "" {
				return []string{p.column}
			}
			if c.kind == "PRIMARY" {
				return c.names()
			}
		}
	}
	return nil
}

// statement returns CREATE TABLE under a name.
func (t *tableText) statement(name string) string {
	var b strings.Builder
	b.WriteString("CREATE TABLE " + name)
	if t.comment != "" {
		b.WriteString(" /* " + t.comment + " */")
	}
	b.WriteString(" (\n\t")
	for i, p := range t.parts {
		b.WriteString(p.text)
		if strings.Contains(p.text[strings.LastIndexByte(p.text, '\n')+1:], "--") {
			b.WriteString("\n\t") // a comment to the end of its line
		}
		if i < len(t.parts)-1 {
			b.WriteString(",\n\t")
		}
	}
	b.WriteString("\n)")
	if t.end != "" {
		b.WriteString(" " + t.end)
	}
	return b.String()
}
