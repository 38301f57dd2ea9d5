package seed_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/seed"
)

func inserting(name, text string, err error) seed.Seeder {
	return seed.Seeder{Name: name, Run: func(ctx context.Context, c database.Conn) error {
		_, e := c.ExecContext(ctx, "INSERT INTO notes (text) VALUES (?)", text)
		return errors.Join(e, err)
	}}
}

func TestRunKeepsWhatWasDoneBeforeAFailure(t *testing.T) {
	t.Parallel()
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE notes (text TEXT)"); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("on purpose")
	var done []string
	list := []seed.Seeder{inserting("a", "a", nil), inserting("b", "b", broken), inserting("c", "c", nil)}
	err = seed.Run(t.Context(), db, list, func(d seed.Done) { done = append(done, d.Name) })
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "seeder b: ") {
		t.Errorf("error %v", err)
	}
	rows, err := database.From[note](db).OrderBy("text").All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]note{{"a"}}, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a"}, done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
}

type note struct {
	Text string `bun:"text"`
}

func TestChoose(t *testing.T) {
	t.Parallel()
	list := []seed.Seeder{inserting("users", "", nil), inserting("posts", "", nil), inserting("tags", "", nil)}
	for names, want := range map[string]string{"": "users posts tags", "tags users": "users tags"} {
		chosen, err := seed.Choose(list, strings.Fields(names)...)
		var got []string
		for _, s := range chosen {
			got = append(got, s.Name)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("Choose(%s) = %v, %v, want %s", names, got, err, want)
		}
	}
	_, err := seed.Choose(list, "user")
	if e, ok := errors.AsType[*seed.UnknownError](err); !ok || e.ExitCode() != 2 || e.Hint() != "did you mean users?" {
		t.Errorf("an unknown one: %v", err)
	}
}

func TestCheckFindsMistakes(t *testing.T) {
	t.Parallel()
	err := seed.Check([]seed.Seeder{inserting("users", "", nil), inserting("users", "", nil), {Name: "empty"}, inserting("", "", nil)})
	for _, want := range []string{`two seeders have the name "users"`, `seeder "empty" has no Run`, "has no name", "seed_test.go:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if err := seed.Check([]seed.Seeder{inserting("users", "", nil)}); err != nil {
		t.Error(err)
	}
}
