package modelgen

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/jinzhu/inflection"
)

// initialisms are the parts of names that Go writes in capitals.
var initialisms = strings.Fields("API ASCII CPU CSS CSV DNS EOF GUID HTML HTTP HTTPS ID IP ISBN JSON JWT OS PDF QPS RAM RPC SLA SMTP SQL SSH TCP TLS TTL UDP UI UID ULID URI URL UTF8 UUID VAT VM XML XSRF XSS")

// words returns the parts of a name in lower case: those between other characters than
// letters and digits, and those that begin with a capital.
func words(name string) []string {
	var list []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			list = append(list, strings.ToLower(string(word)))
		}
		word = nil
	}
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return list
}

// pascal returns the exported Go name of words, such as UserID. What does not begin
// with a capital letter in Go gets an X in front.
func pascal(list []string) string {
	var b strings.Builder
	for _, w := range list {
		if upper := strings.ToUpper(w); slices.Contains(initialisms, upper) {
			b.WriteString(upper)
			continue
		}
		if stem, ok := strings.CutSuffix(w, "s"); ok && slices.Contains(initialisms, strings.ToUpper(stem)) {
			b.WriteString(strings.ToUpper(stem) + "s")
			continue
		}
		runes := []rune(w)
		b.WriteString(string(unicode.ToUpper(runes[0])) + string(runes[1:]))
	}
	s := b.String()
	if s == "" || !unicode.IsUpper([]rune(s)[0]) {
		return "X" + s
	}
	return s
}

// goName returns the Go name of a column, such as UserID for user_id.
func goName(column string) string { return pascal(words(column)) }

// modelName returns the Go name of a row of a table, such as BlogPost for blog_posts.
func modelName(table string) string {
	list := words(table)
	if n := len(list); n > 0 {
		list[n-1] = singular(list[n-1])
	}
	return pascal(list)
}

// pluralName returns the Go name of several of what a Go name means, such as BlogPosts
// for BlogPost.
func pluralName(name string) string {
	list := words(name)
	if n := len(list); n > 0 {
		list[n-1] = plural(list[n-1])
	}
	return pascal(list)
}

// TableName returns the table of a model, such as blog_posts for BlogPost, blog_post or
// blog_posts: the one that a model without a tag has, unless bun's is no English.
func TableName(name string) string {
	list := words(name)
	if n := len(list); n > 0 {
		list[n-1] = tableOf(list[n-1])
	}
	return strings.Join(list, "_")
}

// Snake returns the words of a name in lower case, joined by underscores, such as
// blog_post for BlogPost.
func Snake(name string) string { return snake(name) }

// Pascal returns the words of a name as an exported name of Go, such as BlogPost for
// blog_post.
func Pascal(name string) string { return pascal(words(name)) }

// snake returns the words of a name in lower case, joined by underscores.
func snake(name string) string { return strings.Join(words(name), "_") }

// bunTable returns the table that bun takes for that of a struct without a tag.
func bunTable(model string) string { return inflection.Plural(underscore(model)) }

// underscore is bun's rule for the name of a column or table: it is that of bytes.
func underscore(s string) string {
	upper := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	lower := func(c byte) bool { return 'a' <= c && c <= 'z' }
	var b []byte
	for i := range len(s) {
		c := s[i]
		if !upper(c) {
			b = append(b, c)
			continue
		}
		if i > 0 && i+1 < len(s) && (lower(s[i-1]) || lower(s[i+1])) {
			b = append(b, '_')
		}
		b = append(b, c+'a'-'A')
	}
	return string(b)
}

// taken is the names that are in use.
type taken map[string]bool

// free takes the first of some names that is free, or the last one with the first
// number from 2 that makes it so.
func (t taken) free(candidates ...string) string {
	for _, name := range candidates {
		if !t[name] {
			t[name] = true
			return name
		}
	}
	for n := 2; ; n++ {
		if name := candidates[len(candidates)-1] + strconv.Itoa(n); !t[name] {
			t[name] = true
			return name
		}
	}
}
