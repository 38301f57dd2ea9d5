package modelgen

import (
	"strings"
	"unicode"
)

// lexeme is a word, number, string or sign of an SQL expression.
type lexeme struct {
	text   string // of a string or a quoted name without its quotes; of a word in lower case
	string bool
	quoted bool // a name in quotes
}

func (t lexeme) is(text string) bool { return !t.string && !t.quoted && t.text == text }

// tokens returns what an expression says, without what the databases add to it when
// they store it: casts, names of character sets, and parentheses. backslash says that
// a backslash begins an escape, and that double quotes are those of a string.
func tokens(sql string, backslash bool) []lexeme {
	l := lexer{rest: []rune(sql), backslash: backslash}
	var list []lexeme
	for {
		t, ok := l.next()
		switch {
		case !ok:
			return list
		case t.is("(") || t.is(")"):
		case t.is("::"):
			l.skipType()
		case backslash && t.string && len(list) > 0 && strings.HasPrefix(list[len(list)-1].text, "_") && !list[len(list)-1].string:
			list[len(list)-1] = t // _utf8mb4'text'
		default:
			list = append(list, t)
		}
	}
}

type lexer struct {
	rest      []rune
	backslash bool
}

func (l *lexer) space() {
	for len(l.rest) > 0 && unicode.IsSpace(l.rest[0]) {
		l.rest = l.rest[1:]
	}
}

func (l *lexer) next() (lexeme, bool) {
	l.space()
	if len(l.rest) == 0 {
		return lexeme{}, false
	}
	switch r := l.rest[0]; {
	case r == '\'' || r == '"' && l.backslash:
		return lexeme{text: l.quote(r, r), string: true}, true
	case r == '"' || r == '`':
		return lexeme{text: l.quote(r, r), quoted: true}, true
	case r == '[' && len(l.rest) > 1 && isWord(l.rest[1]):
		return lexeme{text: l.quote(r, ']'), quoted: true}, true
	case isWord(r) || r == '.':
		return lexeme{text: strings.ToLower(l.word())}, true
	case r == ':' && len(l.rest) > 1 && l.rest[1] == ':':
		l.rest = l.rest[2:]
		return lexeme{text: "::"}, true
	default:
		l.rest = l.rest[1:]
		return lexeme{text: string(r)}, true
	}
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

func (l *lexer) word() string {
	n := 0
	for n < len(l.rest) && (isWord(l.rest[n]) || l.rest[n] == '.') {
		n++
	}
	word := string(l.rest[:n])
	l.rest = l.rest[n:]
	return word
}

// quote reads what is between quotes; a doubled one stands for itself.
func (l *lexer) quote(open, end rune) string {
	var b strings.Builder
	for l.rest = l.rest[1:]; len(l.rest) > 0; l.rest = l.rest[1:] {
		switch r := l.rest[0]; {
		case l.backslash && open != '`' && r == '\\' && len(l.rest) > 1:
			l.rest = l.rest[1:]
			b.WriteRune(l.rest[0])
		case r == end && len(l.rest) > 1 && l.rest[1] == end:
			l.rest = l.rest[1:]
			b.WriteRune(r)
		case r == end:
			l.rest = l.rest[1:]
			return b.String()
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// skipType skips the type of a cast, such as character varying(20)[].
func (l *lexer) skipType() {
	for l.space(); len(l.rest) > 0 && (isWord(l.rest[0]) || l.rest[0] == '"' || l.rest[0] == '.'); l.space() {
		if l.rest[0] == '"' {
			l.quote('"', '"')
			continue
		}
		l.word()
	}
	if len(l.rest) > 0 && l.rest[0] == '(' {
		for len(l.rest) > 0 && l.rest[0] != ')' {
			l.rest = l.rest[1:]
		}
		l.rest = l.rest[min(1, len(l.rest)):]
	}
	for len(l.rest) > 1 && l.rest[0] == '[' && l.rest[1] == ']' {
		l.rest = l.rest[2:]
	}
}
