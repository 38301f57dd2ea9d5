package modelgen

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/kitgo/kit/internal/gocode"
)

// fileName returns the name of a table as the beginning of one of a file.
func fileName(table string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '_'
	}, table)
	// Go leaves out files whose name begins with an underscore.
	return cmp.Or(strings.TrimLeft(name, "_"), "table")
}

// ownFile returns the name of the file of a model that belongs to the user.
func ownFile(model string) string {
	name := snake(model)
	if gocode.LeavesOut(name) || strings.HasSuffix(name+".go", suffix) {
		name += "_model"
	}
	return name + ".go"
}
