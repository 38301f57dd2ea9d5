package cli

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/spf13/cobra"
)

// seederType is the type of the elements of the list of seeders.
func seederType() gocode.Type {
	return gocode.Type{Path: kitModule + "/database/seed", Name: "Seeder"}
}

func makeSeederCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:seeder NAME",
		Short: "Write a seeder, and its entry in the list of seeders",
		Long: `Write a seeder in seeders/, for you to go on with, and its entry in the list there,
in whose order db:seed runs them. Nothing that exists is overwritten without --force.`,
		Example: `  kit make:seeder Countries
  kit make:seeder demo_users --force`,
		Args: oneName("make:seeder", "Countries"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "a seeder", "Countries")
			if err != nil {
				return err
			}
			return g.run(func(pl *plan) error { return pl.seeder(words) })
		},
	}
	g.flags(c, true)
	return c
}

// seeder plans a seeder and its entry in the list.
func (pl *plan) seeder(words []string) error {
	dir := pl.p.path("seeders")
	list, err := gocode.FindList(dir, "", seederType())
	if errors.Is(err, gocode.ErrNoList) {
		return &console.Error{
			Message: "there is no list of seeders in seeders; nothing was written",
			Advice:  "it looks like this: var All = []seed.Seeder{ … }, and kit.App.Seeders names it", Err: err,
		}
	}
	if err != nil {
		return err
	}
	snake := strings.Join(words, "_")
	if gocode.LeavesOut(snake) {
		snake += "_seeder"
	}
	path, variable := filepath.Join(dir, snake+".go"), pascalCase(words)
	if path == list.Path {
		return usage(pl.p.relative(path)+" has the list of seeders; nothing was written", "choose another name")
	}
	if other, err := gocode.DeclaredIn(dir, variable, path); err != nil || other != "" {
		if err == nil {
			err = usage(variable+" is already declared in "+pl.p.relative(other)+"; nothing was written", "choose another name")
		}
		return err
	}
	text := strings.NewReplacer("PACKAGE", list.Package(), "SEEDER", variable, "NAME", strings.Join(words, "-")).Replace(seederText)
	if err := pl.add(path, []byte(text)); err != nil {
		return err
	}
	if list.Lists("", seederType(), variable) {
		return nil
	}
	if err := list.AppendToList("", seederType(), variable); err != nil {
		return err
	}
	return pl.change(list)
}

const seederText = `package PACKAGE

import (
	"context"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/seed"
)

// SEEDER is the seeder NAME. It may run again on a database that has its rows, so it
// should look for them first.
var SEEDER = seed.Seeder{
	Name: "NAME",
	Run: func(ctx context.Context, c database.Conn) error {
		return nil
	},
}
`
