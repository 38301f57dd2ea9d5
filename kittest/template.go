package kittest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

// templates makes databases by copying ones that were migrated before. The zero value
// is empty. It is safe for concurrent use.
type templates struct {
	mu      sync.Mutex
	made    map[key]*made
	servers map[string]*connected
}

// key tells sets of migrations apart: those with the same functions and files are the
// same set, wherever it was put together.
type key struct {
	url        string
	migrations string
	files      fs.FS
}

// made is a template that is made when a test needs it.
type made struct {
	set      migrate.Set // keeps the functions, whose addresses are in the key
	once     sync.Once
	template template
	err      error
}

// template is a migrated database.
type template interface {
	// copy makes a database for a test, which removes it when it ends.
	copy(tb testing.TB) (url string, err error)
}

// patience bounds what is done for all tests at once: connecting, waiting for other
// test binaries that make the same template, migrating.
const patience = 5 * time.Minute

// url returns the URL of a new database of the test: on the server that url names, or
// an SQLite file when it is empty.
func (t *templates) url(tb testing.TB, url string, set migrate.Set) string {
	tb.Helper()
	m, err := t.find(url, set)
	if err == nil {
		m.once.Do(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			m.template, m.err = t.make(ctx, tb, url, set)
		})
		err = m.err
	}
	if err != nil {
		tb.Fatal(explain(err))
	}
	fresh, err := m.template.copy(tb)
	if err != nil {
		tb.Fatal(explain(err))
	}
	return fresh
}

func (t *templates) find(url string, set migrate.Set) (*made, error) {
	k, err := keyOf(url, set)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.made == nil {
		t.made = map[key]*made{}
	}
	if t.made[k] == nil {
		t.made[k] = &made{set: set}
	}
	return t.made[k], nil
}

func (t *templates) make(ctx context.Context, tb testing.TB, url string, set migrate.Set) (template, error) {
	if url == "" {
		return newFile(ctx, tb, set)
	}
	s, err := t.server(ctx, url)
	if err != nil {
		return nil, err
	}
	return s.template(ctx, set)
}

func keyOf(url string, set migrate.Set) (key, error) {
	k := key{url: url, files: set.Files}
	var b strings.Builder
	for _, m := range set.List {
		fmt.Fprintln(&b, m.Name, address(&m.Up), address(&m.Down), m.NoTransaction)
	}
	if set.Files != nil && !reflect.ValueOf(set.Files).Comparable() {
		k.files = nil
		contents, err := checksum(set)
		if err != nil {
			return k, err
		}
		b.WriteString(contents)
	}
	k.migrations = b.String()
	return k, nil
}

// address returns where a function and what it captured are. Two functions of the same
// code that captured different values differ, which their code's address does not tell.
func address(f *migrate.Func) uintptr { return *(*uintptr)(reflect.ValueOf(f).UnsafePointer()) }

// checksum returns the checksum of what is known of a set without a database: the names
// and the files.
func checksum(set migrate.Set) (string, error) {
	sum := sha256.New()
	for _, m := range set.List {
		fmt.Fprintln(sum, m.Name, m.NoTransaction)
	}
	if set.Files == nil {
		return hex.EncodeToString(sum.Sum(nil)), nil
	}
	entries, err := fs.ReadDir(set.Files, ".")
	if err != nil {
		return "", fmt.Errorf("list the migrations' files: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		text, err := fs.ReadFile(set.Files, e.Name())
		if err != nil {
			return "", fmt.Errorf("read a migration's file: %w", err)
		}
		fmt.Fprintln(sum, e.Name(), len(text))
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// up migrates a new database.
func up(ctx context.Context, db *database.DB, set migrate.Set) error {
	m, err := migrate.New(db, set, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx, migrate.UpOptions{})
	return err
}
