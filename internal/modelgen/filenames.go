package modelgen

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
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

// special are the last parts of names by which Go leaves a file out of the build:
// https://pkg.go.dev/cmd/go#hdr-Build_constraints.
var special = strings.Fields(`test
	aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos
	386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32 mips64p32le mipsle ppc ppc64 ppc64le
	riscv riscv64 s390 s390x sparc sparc64 wasm`)

// ownFile returns the name of the file of a model that belongs to the user.
func ownFile(model string) string {
	name := snake(model)
	parts := strings.Split(name, "_")
	if last := parts[len(parts)-1]; len(parts) > 1 && (slices.Contains(special, last) || last == "gen") {
		name += "_model"
	}
	return name + ".go"
}
