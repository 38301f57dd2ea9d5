package validate

import (
	"fmt"
	"strings"
)

// term is one rule in a tag.
type term struct{ name, arg string }

// parseTag returns the rules in a tag.
func parseTag(tag string) ([]term, error) {
	var terms []term
	for rest := tag; rest != ""; {
		end, err := until(rest, ',')
		if err != nil {
			return nil, err
		}
		name, arg, _ := strings.Cut(rest[:end], "=")
		if name = strings.TrimSpace(name); name == "" {
			return nil, fmt.Errorf("the tag %q has an empty rule", tag)
		}
		terms = append(terms, term{name, strings.TrimSpace(arg)})
		if rest = rest[end:]; rest != "" {
			rest = rest[1:]
		}
	}
	return terms, nil
}

// splitArgs returns the words of an argument. Quotes hold spaces, and two quotes
// within them are one.
func splitArgs(arg string) ([]string, error) {
	var words []string
	for rest := strings.TrimSpace(arg); rest != ""; rest = strings.TrimSpace(rest) {
		end, err := until(rest, ' ')
		if err != nil {
			return nil, err
		}
		words = append(words, unquote(rest[:end]))
		rest = rest[end:]
	}
	return words, nil
}

// until returns where the first sep outside of quotes is in s, or the end of s.
func until(s string, sep byte) (int, error) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case s[i] == sep && !quoted:
			return i, nil
		}
	}
	if quoted {
		return 0, fmt.Errorf("a quote in %q is not closed", s)
	}
	return len(s), nil
}

func unquote(s string) string {
	if len(s) < 2 || s[0] != '\'' || s[len(s)-1] != '\'' {
		return s
	}
	return strings.ReplaceAll(s[1:len(s)-1], "''", "'")
}
