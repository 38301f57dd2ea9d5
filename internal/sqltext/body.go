package sqltext

import "slices"

// body follows the nesting in the body of a compound statement. The words that begin
// and end its blocks are names elsewhere: a column may be called begin or end, IF and
// REPEAT are functions too. So a word counts only where a block can begin or end.
type body struct {
	dialect Dialect
	blocks  []block // those that are open
	closed  bool    // the last word was the END of a block
	handler bool    // in MySQL's DECLARE … HANDLER FOR …, behind which a block can begin
}

// block is what END ends.
type block int

const (
	statements block = iota // BEGIN, IF, LOOP and the like: their statements end with a semicolon
	expression              // CASE … END
	repeating               // REPEAT … UNTIL
	until                   // what follows UNTIL: END comes behind an expression
)

// newBody returns a body if a statement that begins with these tokens has one, and the
// last of them is what says so.
func newBody(d Dialect, tokens []Token) *body {
	first, last := tokens[0], tokens[len(tokens)-1]
	inside := &body{dialect: d, blocks: []block{statements}}
	switch d {
	case SQLite:
		// The shell of SQLite too looks for nothing but the END of a trigger.
		if first.Is("CREATE") && last.Is("TRIGGER") && len(tokens) <= 3 {
			return inside
		}
	case MySQL:
		if len(tokens) == 3 && first.Is("BEGIN") && tokens[1].Is("NOT") && last.Is("ATOMIC") {
			return inside
		}
		if first.Is("CREATE", "ALTER") && last.Is("TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE") &&
			!slices.ContainsFunc(tokens[1:len(tokens)-1], func(t Token) bool { return t.Is("TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER") }) {
			return &body{dialect: d}
		}
	case Postgres:
		if len(tokens) > 1 && first.Is("CREATE") && last.Is("ATOMIC") && tokens[len(tokens)-2].Is("BEGIN") {
			return inside
		}
	}
	return nil
}

// open reports whether a semicolon belongs to the body.
func (b *body) open() bool { return b != nil && len(b.blocks) > 0 }

// add takes the next token, which is in so many parentheses.
func (b *body) add(before, t Token, parens int) {
	closed := b.closed
	b.closed = false
	switch {
	case t.symbol(";"):
		b.handler = false
	case t.Kind != Word || before.symbol("."): // NEW.end
	case t.Is("END"):
		b.end(before)
	case b.dialect == SQLite:
	case b.dialect == Postgres:
		if t.Is("CASE") && !before.Is("AS") {
			b.begin(expression)
		}
	case closed && t.Is("IF", "LOOP", "WHILE", "REPEAT", "CASE", "FOR"): // END IF
	default:
		b.mysql(before, t, parens)
	}
}

// mysql takes a word that may begin a block.
func (b *body) mysql(before, t Token, parens int) {
	starts := parens == 0 && b.statementAfter(before)
	switch {
	case t.Is("HANDLER"):
		b.handler = true
	case t.Is("BEGIN") && (starts || b.handler || len(b.blocks) == 0 && parens == 0 && !before.Is("TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "EXISTS", "ON")):
		b.begin(statements)
	case t.Is("CASE") && !starts:
		b.begin(expression)
	case t.Is("REPEAT") && starts:
		b.begin(repeating)
	case t.Is("IF", "CASE", "LOOP", "WHILE", "FOR") && starts:
		b.begin(statements)
	case t.Is("UNTIL") && starts && b.open() && b.last() == repeating:
		b.blocks[len(b.blocks)-1] = until
	}
}

// statementAfter reports whether a statement of MySQL can begin behind a token.
func (b *body) statementAfter(before Token) bool {
	switch {
	case !b.open(): // behind the parameters and properties of a procedure
		return before.symbol(")") || before.symbol(":") || before.Kind == String || before.Is("ROW", "DO", "DETERMINISTIC", "SQL", "DATA", "DEFINER", "INVOKER")
	case b.last() == expression: // ELSE IF(a, b, c)
		return false
	}
	return before.symbol(";") || before.symbol(":") || before.Is("BEGIN", "ATOMIC", "THEN", "ELSE", "DO", "LOOP", "REPEAT")
}

func (b *body) begin(k block) {
	b.blocks, b.handler = append(b.blocks, k), false
}

// end takes the word END.
func (b *body) end(before Token) {
	if !b.open() {
		return
	}
	switch last := b.last(); {
	case (last == expression || last == until) && !endsExpression(before):
		return // a name
	case last == expression:
	case last == until, before.symbol(";"), before.Is("BEGIN", "ATOMIC") && b.dialect != SQLite:
		b.closed = b.dialect == MySQL
	default:
		return // a name
	}
	b.blocks = b.blocks[:len(b.blocks)-1]
}

// endsExpression reports whether an expression can end with a token: behind WHEN and
// behind an operator there is a column called end.
func endsExpression(t Token) bool {
	if t.Kind == Symbol {
		return t.Text == ")" || t.Text == "]"
	}
	return !t.Is("CASE", "WHEN", "THEN", "ELSE", "UNTIL", "AND", "OR", "XOR", "NOT", "IN", "LIKE", "BETWEEN", "DIV", "MOD", "SELECT", "DISTINCT", "WHERE", "BY")
}

func (b *body) last() block { return b.blocks[len(b.blocks)-1] }
