package gocode

import (
	"slices"
	"strings"
)

// special are the last parts of names by which Go leaves a file out of the build:
// https://pkg.go.dev/cmd/go#hdr-Build_constraints.
var special = strings.Fields(`test
	aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris unix wasip1 windows zos
	386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32 mips64p32le mipsle ppc ppc64 ppc64le
	riscv riscv64 s390 s390x sparc sparc64 wasm`)

// LeavesOut reports whether Go would take a file of a name, without its ".go", for a test
// or for one of a system.
func LeavesOut(name string) bool {
	_, last, several := cutLast(name)
	return several && slices.Contains(special, last)
}

func cutLast(name string) (before, after string, found bool) {
	i := strings.LastIndexByte(name, '_')
	if i < 0 {
		return name, "", false
	}
	return name[:i], name[i+1:], true
}
