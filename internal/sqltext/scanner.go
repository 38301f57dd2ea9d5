package sqltext

import "strings"

// scanner finds tokens one after the other.
type scanner struct {
	dialect Dialect
	text    string
	at      int // offset of what comes next
	line    int // of at

	delimiter string // of MySQL's client; a word with a dollar ends before it
}

// next returns the next token; false at the end.
func (s *scanner) next() (Token, bool, error) {
	for s.at < len(s.text) && isSpace(s.text[s.at]) {
		s.skip(1)
	}
	if s.at >= len(s.text) {
		return Token{}, false, nil
	}
	t := Token{Start: s.at, Line: s.line}
	end, err := s.measure(&t)
	if err != nil {
		return Token{}, false, err
	}
	raw := s.text[s.at:end]
	t.End = end
	if t.Kind == Name {
		quote := raw[len(raw)-1:]
		t.Text = strings.ReplaceAll(raw[1:len(raw)-1], quote+quote, quote)
	} else {
		t.Text = raw
	}
	s.skip(end - s.at)
	return t, true, nil
}

// measure sets the kind of the token that begins here and returns where it ends.
func (s *scanner) measure(t *Token) (int, error) {
	rest := s.text[s.at:]
	c := rest[0]
	mysql, postgres := s.dialect == MySQL, s.dialect == Postgres
	switch {
	case strings.HasPrefix(rest, "--") && (!mysql || len(rest) == 2 || isSpace(rest[2])), mysql && c == '#':
		t.Kind = Comment
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			return s.at + i, nil
		}
		return len(s.text), nil
	case strings.HasPrefix(rest, "/*"):
		t.Kind = Comment
		if mysql && (strings.HasPrefix(rest, "/*!") || strings.HasPrefix(rest, "/*M!")) {
			t.Kind = Hint
		}
		return s.comment()
	case c == '\'':
		t.Kind = String
		return s.quoted(0, '\'', mysql)
	case postgres && (c == 'e' || c == 'E') && strings.HasPrefix(rest[1:], "'"):
		t.Kind = String
		return s.quoted(1, '\'', true)
	case mysql && c == '"':
		t.Kind = String
		return s.quoted(0, '"', true)
	case c == '"', c == '`' && !postgres:
		t.Kind = Name
		return s.quoted(0, c, false)
	case c == '[' && s.dialect == SQLite:
		t.Kind = Name
		return s.quoted(0, ']', false)
	case postgres && c == '$':
		if tag := dollarTag(rest); tag != "" {
			t.Kind = String
			if i := strings.Index(rest[len(tag):], tag); i >= 0 {
				return s.at + len(tag) + i + len(tag), nil
			}
			return 0, &Error{s.line, "this " + tag + " has no end"}
		}
		t.Kind = Symbol
		return s.at + 1, nil
	case c >= '0' && c <= '9':
		t.Kind = Number
		return s.run(), nil
	case isWordByte(c):
		t.Kind = Word
		return s.run(), nil
	}
	t.Kind = Symbol
	return s.at + 1, nil
}

// run returns the end of the letters and digits from here. A dollar is one of them, but
// not in END$$ after DELIMITER $$.
func (s *scanner) run() int {
	dollars := strings.HasPrefix(s.delimiter, "$")
	end := s.at + 1
	for end < len(s.text) && (!dollars || !strings.HasPrefix(s.text[end:], s.delimiter)) && (isWordByte(s.text[end]) || s.text[end] >= '0' && s.text[end] <= '9' || s.text[end] == '$') {
		end++
	}
	return end
}

// quoted returns the end of what is in quotes, whose first is prefix bytes from here.
// A quote that is doubled does not end it; with escapes, neither does one after a
// backslash.
func (s *scanner) quoted(prefix int, quote byte, escapes bool) (int, error) {
	for i := s.at + prefix + 1; i < len(s.text); i++ {
		switch {
		case escapes && s.text[i] == '\\':
			i++
		case s.text[i] != quote:
		case i+1 < len(s.text) && s.text[i+1] == quote && quote != ']':
			i++
		default:
			return i + 1, nil
		}
	}
	if quote == '\'' || s.dialect == MySQL && quote == '"' {
		return 0, &Error{s.line, "this string has no end"}
	}
	return 0, &Error{s.line, "this quoted name has no end"}
}

// comment returns the end of a comment with two marks. In PostgreSQL they nest.
func (s *scanner) comment() (int, error) {
	depth := 1
	for i := s.at + 2; i < len(s.text); i++ {
		switch {
		case strings.HasPrefix(s.text[i:], "*/"):
			i++
			if depth--; depth == 0 {
				return i + 1, nil
			}
		case s.dialect == Postgres && strings.HasPrefix(s.text[i:], "/*"):
			i++
			depth++
		}
	}
	return 0, &Error{s.line, "this comment has no end"}
}

// skip goes on, and counts lines.
func (s *scanner) skip(n int) {
	s.line += strings.Count(s.text[s.at:s.at+n], "\n")
	s.at += n
}

// dollarTag returns the opening of a dollar-quoted text, such as $$ or $body$; "" when
// there is none.
func dollarTag(text string) string {
	for i := 1; i < len(text); i++ {
		c := text[i]
		if c == '$' {
			return text[:i+1]
		}
		if !isWordByte(c) && (i == 1 || c < '0' || c > '9') {
			break
		}
	}
	return ""
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
