package sqltext

import "strings"

// Statement is one statement of a text.
type Statement struct {
	// Text is the statement without the semicolon that ends it. The comments inside
	// it are in it, those before it are not.
	Text string
	// Line is where it begins, from 1.
	Line int
	// Comments are those before it and inside it, with their marks.
	Comments []string
}

// Split returns the statements of a text. A semicolon ends one unless it is in
// parentheses or in a compound statement: the body of a trigger in SQLite; in MySQL
// that of a trigger, procedure, function or event, and MariaDB's BEGIN NOT ATOMIC; in
// PostgreSQL one between BEGIN ATOMIC and END. Lines of MySQL's client such as
// DELIMITER // are understood. The error is an [*Error].
func Split(d Dialect, text string) ([]Statement, error) {
	p := splitter{dialect: d, scanner: scanner{dialect: d, text: text, line: 1}, delimiter: ";"}
	if strings.HasPrefix(text, byteOrderMark) {
		p.scanner.skip(len(byteOrderMark))
	}
	for {
		if d == MySQL && len(p.tokens) == 0 && p.readDelimiter() {
			continue
		}
		if p.atDelimiter() {
			p.end()
			p.scanner.skip(len(p.delimiter))
			continue
		}
		t, ok, err := p.scanner.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			p.end()
			return p.list, nil
		}
		p.add(t)
	}
}

// byteOrderMark is what some editors write at the beginning of a file. No database
// takes it.
const byteOrderMark = "\ufeff"

type splitter struct {
	dialect   Dialect
	scanner   scanner
	delimiter string

	list     []Statement
	comments []string
	tokens   []Token // of the current statement, without comments
	parens   int
	body     *body // of the current statement; nil when it has none
}

// add takes the next token of the current statement.
func (p *splitter) add(t Token) {
	if t.Kind == Comment {
		p.comments = append(p.comments, t.Text)
		return
	}
	var before Token
	if len(p.tokens) > 0 {
		before = p.tokens[len(p.tokens)-1]
	}
	p.tokens = append(p.tokens, t)
	switch {
	case t.symbol("("):
		p.parens++
	case t.symbol(")"):
		p.parens = max(0, p.parens-1)
	}
	if p.body == nil {
		p.body = newBody(p.dialect, p.tokens)
		return
	}
	p.body.add(before, t, p.parens)
}

// atDelimiter reports whether the statement ends here.
func (p *splitter) atDelimiter() bool {
	for p.scanner.at < len(p.scanner.text) && isSpace(p.scanner.text[p.scanner.at]) {
		p.scanner.skip(1)
	}
	if !strings.HasPrefix(p.scanner.text[p.scanner.at:], p.delimiter) {
		return false
	}
	return p.delimiter != ";" || p.parens == 0 && !p.body.open()
}

// end ends the current statement.
func (p *splitter) end() {
	if len(p.tokens) > 0 {
		first, last := p.tokens[0], p.tokens[len(p.tokens)-1]
		p.list = append(p.list, Statement{Text: p.scanner.text[first.Start:last.End], Line: first.Line, Comments: p.comments})
	}
	p.tokens, p.comments, p.parens, p.body = nil, nil, 0, nil
}

// readDelimiter reads a line that changes the delimiter, if there is one here.
func (p *splitter) readDelimiter() bool {
	for p.scanner.at < len(p.scanner.text) && isSpace(p.scanner.text[p.scanner.at]) {
		p.scanner.skip(1)
	}
	const command = "DELIMITER"
	rest := p.scanner.text[p.scanner.at:]
	if len(rest) < len(command) || !strings.EqualFold(rest[:len(command)], command) {
		return false // before looking for the end of a line, which may be the whole text
	}
	line, _, _ := strings.Cut(rest, "\n")
	fields := strings.Fields(line)
	if len(fields) < 2 || !strings.EqualFold(fields[0], command) {
		return false
	}
	p.delimiter = fields[1]
	p.scanner.delimiter = fields[1]
	p.scanner.skip(len(line))
	return true
}
