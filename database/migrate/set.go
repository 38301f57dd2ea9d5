package migrate

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/scanner"
	"go/token"
	"io/fs"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// Set is the history of a schema: migrations written in Go, SQL files, or both. The
// zero value is empty.
type Set struct {
	// List are the migrations written in Go.
	List []Migration

	// Files is the folder of the migrations, usually embedded with //go:embed. Each
	// NAME.up.sql in it is a migration, whose way back is NAME.down.sql. A comment
	// "kit:no-transaction" in the first line of the up file has the effect of
	// [Migration.NoTransaction]. When the sources of the Go migrations are there too,
	// each in its NAME.go, it is noticed when one of them changes after it was applied.
	Files fs.FS
}

const (
	upSuffix   = ".up.sql"
	downSuffix = ".down.sql"
	goSuffix   = ".go"
)

// noTransaction is the comment that takes an SQL file out of the transaction.
const noTransaction = "kit:no-transaction"

// migrations returns the migrations in order of name, or what is wrong with them.
func (set Set) migrations() ([]Migration, error) {
	list := slices.Clone(set.List)
	for i := range list {
		list[i].sum = set.goChecksum(list[i].Name)
	}
	fromFiles, err := set.files()
	if err != nil {
		return nil, err
	}
	list = append(list, fromFiles...)
	places := map[string]string{}
	for _, mig := range list {
		at := mig.file
		if at == "" {
			at = place.Func(mig.Up).String()
			if mig.Up == nil {
				at = place.Func(mig.Down).String()
			}
		}
		switch {
		case !validName(mig.Name):
			return nil, fmt.Errorf("migration %q (%s): a name is m, the date, the time and words, such as m20260131_154500_create_users_table", mig.Name, at)
		case mig.Up == nil:
			return nil, fmt.Errorf("migration %s (%s) has no Up", mig.Name, at)
		case places[mig.Name] != "":
			return nil, fmt.Errorf("two migrations have the name %s: the one at %s and the one at %s", mig.Name, places[mig.Name], at)
		}
		places[mig.Name] = at
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, nil
}

// files returns the migrations that are SQL files.
func (set Set) files() ([]Migration, error) {
	if set.Files == nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(set.Files, ".")
	if err != nil {
		return nil, fmt.Errorf("list the migrations' files: %w", err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name()] = true
	}
	var list []Migration
	for _, e := range entries {
		file := e.Name()
		if !strings.HasSuffix(file, ".sql") {
			continue
		}
		if name, ok := strings.CutSuffix(file, downSuffix); ok {
			if !names[name+upSuffix] {
				return nil, fmt.Errorf("migration file %s has no %s beside it", file, name+upSuffix)
			}
			continue
		}
		name, ok := strings.CutSuffix(file, upSuffix)
		if !ok {
			return nil, fmt.Errorf("migration file %s: a name ends in %s or %s", file, upSuffix, downSuffix)
		}
		up, err := fs.ReadFile(set.Files, file)
		if err != nil {
			return nil, fmt.Errorf("read the migration %s: %w", name, err)
		}
		mig := Migration{Name: name, Up: runFile(file, string(up)), file: file, source: string(up), sum: sync.OnceValue(func() string { return textChecksum(up) })}
		first, _, _ := strings.Cut(string(up), "\n")
		mig.NoTransaction = strings.HasPrefix(first, "--") && strings.Contains(first, noTransaction)
		if names[name+downSuffix] {
			down, err := fs.ReadFile(set.Files, name+downSuffix)
			if err != nil {
				return nil, fmt.Errorf("read the migration %s: %w", name, err)
			}
			mig.Down = runFile(name+downSuffix, string(down))
		}
		list = append(list, mig)
	}
	return list, nil
}

// textChecksum is the checksum of an SQL file, whatever its ends of lines.
func textChecksum(text []byte) string {
	sum := sha256.Sum256([]byte(strings.ReplaceAll(string(text), "\r\n", "\n")))
	return hex.EncodeToString(sum[:])
}

// goChecksum returns the function that computes the checksum of the source of a
// migration in Go: of its words, so that comments and the format do not count. It
// returns "" when the source is not in Files.
func (set Set) goChecksum(name string) func() string {
	return sync.OnceValue(func() string {
		source := set.source(name)
		if source == nil {
			return ""
		}
		tokens := make([]byte, 0, len(source))
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(name, -1, len(source)), source, nil, 0)
		for {
			_, tok, text := s.Scan()
			if tok == token.EOF {
				sum := sha256.Sum256(tokens)
				return hex.EncodeToString(sum[:])
			}
			if text == "" || tok == token.SEMICOLON {
				text = tok.String() // the text of a semicolon tells how it was written
			}
			tokens = append(append(tokens, text...), 0)
		}
	})
}

// source returns the source of a migration in Go; nil when it is not in Files.
func (set Set) source(name string) []byte {
	if set.Files == nil {
		return nil
	}
	source, err := fs.ReadFile(set.Files, name+goSuffix)
	if err != nil {
		return nil
	}
	return source
}

// validName reports whether a name is of the form mYYYYMMDD_HHMMSS_words.
func validName(name string) bool {
	rest, ok := strings.CutPrefix(name, "m")
	if !ok || len(rest) < len("20060102_150405_x") {
		return false
	}
	stamp, words := rest[:15], rest[15:]
	if _, err := time.Parse("20060102_150405", stamp); err != nil {
		return false
	}
	words, ok = strings.CutPrefix(words, "_")
	return ok && strings.Trim(words, "abcdefghijklmnopqrstuvwxyz0123456789_") == "" && len(name) <= 255
}
