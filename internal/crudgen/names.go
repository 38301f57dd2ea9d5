package crudgen

import (
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/modelgen"
)

// reserved are the names that variables cannot have: words and predeclared names of Go
// and TypeScript, and what the templates use.
var reserved = strings.Fields(`
	break case chan const continue default defer else fallthrough for func go goto if import interface map package range return
	select struct switch type var any append bool byte cap clear close comparable complex copy delete error false float32 float64
	imag int int64 iota len make max min new nil panic print println real recover rune string true uint
	await catch class debugger do enum export extends finally function in instanceof let null private protected public static
	super this throw try typeof undefined void while with yield arguments eval
	context http json strconv time fmt maps strings testing kit database inertia web models migrations kittest
	app answer client component control data err errors event f form id message method page path processing r refused route row rows
	setData status submit t target url w want wrong c`)

// variable returns the name of a variable for words; one that is taken gets an end.
func variable(words, end string) string {
	name := camel(words)
	if slices.Contains(reserved, name) {
		name += end
	}
	return name
}

// camel returns words as a name that begins with a small letter.
func camel(words string) string {
	first, rest, _ := strings.Cut(modelgen.Snake(words), "_")
	if rest == "" {
		return first
	}
	// The x keeps the rest from beginning with a digit.
	return first + strings.TrimPrefix(modelgen.Pascal("x_"+rest), "X")
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// label returns the words of a column for people, such as Published on.
func label(column string) string { return capital(strings.ReplaceAll(column, "_", " ")) }
