// Package seed fills a database with rows to begin with: what an application needs to
// be used at all, or what is pleasant to have while developing.
//
//	var Users = seed.Seeder{
//		Name: "users",
//		Run: func(ctx context.Context, c database.Conn) error {
//			return database.Insert(ctx, c, &models.User{Name: "Ada"})
//		},
//	}
//
// Each seeder is one transaction. It may run again on a database that has its rows
// already, so it should look first, or insert in a way that leaves them alone.
package seed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/nearest"
	"github.com/kitgo/kit/internal/place"
)

// Seeder fills some tables.
type Seeder struct {
	// Name is what people call it by, such as users.
	Name string
	// Run inserts the rows, through c, which is a transaction.
	Run func(ctx context.Context, c database.Conn) error
}

// Done says that a seeder has run.
type Done struct {
	Name     string
	Duration time.Duration
}

// Check reports mistakes in a list: a seeder without a name or without Run, and two of
// one name.
func Check(list []Seeder) error {
	var mistakes []error
	seen := map[string]place.Place{}
	for _, s := range list {
		at := place.Func(s.Run)
		before, twice := seen[s.Name]
		switch {
		case s.Name == "":
			mistakes = append(mistakes, fmt.Errorf("the seeder at %s has no name", at))
		case s.Run == nil:
			mistakes = append(mistakes, fmt.Errorf("seeder %q has no Run", s.Name))
		case twice:
			mistakes = append(mistakes, fmt.Errorf("two seeders have the name %q: the one at %s and the one at %s", s.Name, before, at))
		}
		seen[s.Name] = at
	}
	return errors.Join(mistakes...)
}

// Choose returns the seeders of some names, in the order of the list; all without a
// name. An unknown name is an [*UnknownError].
func Choose(list []Seeder, names ...string) ([]Seeder, error) {
	if len(names) == 0 {
		return list, nil
	}
	known := make([]string, len(list))
	for i, s := range list {
		known[i] = s.Name
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, &UnknownError{Name: name, Nearest: nearest.Name(name, known), Known: known}
		}
	}
	chosen := slices.Clone(list)
	return slices.DeleteFunc(chosen, func(s Seeder) bool { return !slices.Contains(names, s.Name) }), nil
}

// Run runs seeders one after the other and calls done after each, if it is not nil.
// It stops at the first that fails, whose rows are rolled back; those before it stay.
func Run(ctx context.Context, db *database.DB, list []Seeder, done func(Done)) error {
	for _, s := range list {
		start := time.Now()
		err := db.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error { return s.Run(ctx, tx) })
		if err != nil {
			return fmt.Errorf("seeder %s: %w", s.Name, err)
		}
		if done != nil {
			done(Done{s.Name, time.Since(start)})
		}
	}
	return nil
}

// UnknownError says that there is no seeder of a name. It ends a program with the exit
// code 2, for bad usage.
type UnknownError struct {
	Name, Nearest string // Nearest may be empty
	Known         []string
}

func (e *UnknownError) Error() string { return fmt.Sprintf("there is no seeder %q", e.Name) }

// Hint names the nearest seeder, or all.
func (e *UnknownError) Hint() string {
	switch {
	case e.Nearest != "":
		return "did you mean " + e.Nearest + "?"
	case len(e.Known) == 0:
		return "the application has no seeders"
	}
	return "the seeders are " + strings.Join(e.Known, ", ")
}

// ExitCode returns 2.
func (*UnknownError) ExitCode() int { return 2 }
