//go:build unix

package dbtest

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var errNoPostgres = errors.New("these tests need PostgreSQL's programs initdb and postgres, and found none; install them:\n" +
	"	Debian, Ubuntu: apt-get install postgresql\n" +
	"	macOS:          brew install postgresql")

var errNoMariaDB = errors.New("these tests need MariaDB's programs mariadbd and mariadb-install-db, and did not find both; install them:\n" +
	"	Debian, Ubuntu: apt-get install mariadb-server\n" +
	"	macOS:          brew install mariadb")

var errNoPgBouncer = errors.New("these tests need the program pgbouncer, and found none; install it:\n" +
	"	Debian, Ubuntu: apt-get install pgbouncer\n" +
	"	macOS:          brew install pgbouncer")

var errNoRedis = errors.New("these tests need the program redis-server, and found none; install it:\n" +
	"	Debian, Ubuntu: apt-get install redis-server\n" +
	"	macOS:          brew install redis")

// find returns the path of a program: from the PATH, where packages put server
// programs, or from folders that match one of the patterns. If there is none, it
// returns the given error.
func find(missing error, name string, patterns ...string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return filepath.Abs(path)
	}
	for _, pattern := range append([]string{"/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"}, patterns...) {
		dirs, _ := filepath.Glob(pattern) // fails only for a bad pattern
		for _, dir := range dirs {
			if path := filepath.Join(dir, name); isProgram(path) {
				return path, nil
			}
		}
	}
	return "", missing
}

// postgresDir returns the directory of PostgreSQL's server programs.
func postgresDir() (string, error) {
	for _, dir := range postgresDirs() {
		if isProgram(filepath.Join(dir, "initdb")) && isProgram(filepath.Join(dir, "postgres")) {
			return dir, nil
		}
	}
	return "", errNoPostgres
}

// postgresDirs lists where the programs may be: on the PATH, where pg_config says,
// and where packages put them, newest version first.
func postgresDirs() []string {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	if out, err := exec.CommandContext(context.Background(), "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
	} {
		found, _ := filepath.Glob(pattern) // fails only for a bad pattern
		slices.SortFunc(found, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
		dirs = append(dirs, found...)
	}
	return dirs
}

// version returns the number in a path such as /usr/lib/postgresql/15/bin, or 0.
func version(dir string) int {
	digits := strings.TrimLeftFunc(filepath.Base(filepath.Dir(dir)), func(r rune) bool { return r < '0' || r > '9' })
	n, _ := strconv.Atoi(digits)
	return n
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}
