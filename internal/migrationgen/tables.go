package migrationgen

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
)

// Creates reports whether a migration in a folder, in Go or SQL, creates a table.
func Creates(dir, table string) (bool, error) {
	p, err := readPast(dir, table)
	if err != nil || p.create != "" {
		return err == nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	if err != nil {
		return false, err
	}
	create := regexp.MustCompile("(?i)\\bCREATE\\s+TABLE\\s+(IF\\s+NOT\\s+EXISTS\\s+)?[\"`]?" + regexp.QuoteMeta(table) + "\\b")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			return false, fmt.Errorf("read the migrations: %w", err)
		}
		if create.Match(text) {
			return true, nil
		}
	}
	return false, nil
}
