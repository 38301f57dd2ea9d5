package kittest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

// The databases of tests have the time at which they were made in their name, templates
// the checksum of their migrations.
const (
	prefix         = "kit_test_"
	templatePrefix = prefix + "template_"
	nameTime       = "20060102150405"
)

// What is older is left over. Nobody knows which databases a killed test run had; one
// hour is six times as long as a test binary may run by default.
const (
	maxAge         = time.Hour
	maxTemplateAge = 7 * 24 * time.Hour // since a test run used it
)

// leftover is a database that may have outlived its test.
type leftover struct {
	name string
	used time.Time // of a template; zero when it does not say
}

func newName(now time.Time) string {
	return fmt.Sprintf("%s%s_%016x", prefix, now.UTC().Format(nameTime), rand.Uint64()) //nolint:gosec // not for secrets
}

// old reports whether a database can be dropped.
func (l leftover) old(now time.Time) bool {
	if strings.HasPrefix(l.name, templatePrefix) {
		return now.Sub(l.used) > maxTemplateAge
	}
	stamp, _, _ := strings.Cut(strings.TrimPrefix(l.name, prefix), "_")
	made, err := time.Parse(nameTime, stamp)
	return err == nil && now.Sub(made) > maxAge
}

// sweep drops what killed test runs and past migrations have left. What cannot be
// dropped is in use again, or somebody else's; it is no matter of this test run.
func (s *server) sweep(ctx context.Context) error {
	list, err := s.kind.leftovers(ctx)
	if err != nil {
		return fmt.Errorf("list the databases of past tests: %w", err)
	}
	for _, l := range list {
		if l.old(time.Now()) {
			_ = s.kind.drop(ctx, l.name)
		}
	}
	return nil
}

// owners ask for the user, who alone may copy a template, and for what databases have
// from the one in the URL.
var owners = map[database.Dialect]string{
	database.Postgres: "SELECT current_user",
	database.MySQL:    "SELECT concat(current_user(), ' ', @@collation_database)",
}

// templateName returns the name of the template of a set: the checksum of the SQL that
// its migrations run on the empty database scratch, of their files, and of owners. It is "" when the SQL cannot be told without running it, or is
// different each time.
func (s *server) templateName(ctx context.Context, scratch string, set migrate.Set) (name string, err error) {
	err = s.with(scratch, func(db *database.DB) error {
		m, err := migrate.New(db, set, nil)
		if err != nil {
			return err
		}
		first, err := pretend(ctx, m)
		if err != nil || first == nil {
			return err
		}
		second, err := pretend(ctx, m)
		if err != nil || !slices.Equal(first, second) {
			return err
		}
		files, err := checksum(set)
		if err != nil {
			return err
		}
		var owner string
		if err := db.QueryRowContext(ctx, owners[db.Dialect()]).Scan(&owner); err != nil {
			return fmt.Errorf("ask for the user: %w", err)
		}
		sum := sha256.New()
		for _, part := range slices.Concat(first, []string{files, owner}) {
			fmt.Fprintf(sum, "%d %s", len(part), part)
		}
		name = templatePrefix + hex.EncodeToString(sum.Sum(nil))[:24]
		return nil
	})
	return name, err
}

// pretend returns the SQL of all migrations; nil when it cannot be told.
func pretend(ctx context.Context, m *migrate.Migrator) ([]string, error) {
	list, err := m.Pretend(ctx, migrate.UpOptions{})
	if err != nil {
		return nil, err
	}
	statements := []string{}
	for _, p := range list {
		if p.Err != nil {
			return nil, nil
		}
		statements = append(append(statements, p.Name), p.SQL...)
	}
	return statements, nil
}
