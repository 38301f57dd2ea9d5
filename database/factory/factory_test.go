package factory_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/factory"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

type user struct {
	ID    int64  `bun:"id,pk,autoincrement"`
	Name  string `bun:"name"`
	Email string `bun:"email"`
	Role  string `bun:"role"`
	Score int    `bun:"score"`
}

type post struct {
	ID     int64  `bun:"id,pk,autoincrement"`
	UserID int64  `bun:"user_id"`
	EditID *int64 `bun:"edit_id"`
	Title  string `bun:"title"`
}

var (
	users = factory.New(func(f *factory.Fake) user {
		return user{Name: f.Name(), Email: f.Email(), Role: "member", Score: f.Int(1, 1000000)}
	})
	admins = users.With(func(u *user) { u.Role = "admin" })
	posts  = factory.BelongsTo(
		factory.New(func(f *factory.Fake) post { return post{Title: f.Sentence()} }),
		users,
		func(p *post) *int64 { return &p.UserID },
		func(u *user) int64 { return u.ID },
	)
	edited = factory.BelongsTo(posts, admins,
		func(p *post) **int64 { return &p.EditID },
		func(u *user) *int64 { return &u.ID },
	)
)

// onAll runs a test on a database of each kind, with the tables of users and posts.
func onAll(t *testing.T, f func(t *testing.T, db *database.DB)) {
	t.Helper()
	for name, start := range map[string]func(testing.TB) string{"SQLite": dbtest.SQLite, "PostgreSQL": dbtest.Postgres, "MariaDB": dbtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := database.Open(start(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			})
			s := schema.New(db)
			err = errors.Join(s.Create(t.Context(), "users", func(t *schema.Table) {
				t.ID()
				t.String("name", 80)
				t.String("email", 80).Unique()
				t.String("role", 20)
				t.Integer("score")
			}), s.Create(t.Context(), "posts", func(t *schema.Table) {
				t.ID()
				t.ForeignID("user_id").References("users")
				t.ForeignID("edit_id").References("users").Nullable()
				t.String("title", 120)
			}))
			if err != nil {
				t.Fatal(err)
			}
			f(t, db)
		})
	}
}

func count[T any](t *testing.T, db *database.DB) int {
	t.Helper()
	n, err := database.From[T](db).Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFactoriesAreNotChanged(t *testing.T) {
	t.Parallel()
	base := users.Seed(1)
	one := base.With(func(u *user) { u.Role = "one" })
	two := one.With(func(u *user) { u.Role += "two" })
	three := one.With(func(u *user) { u.Role += "three" })
	got := []string{base.Make().Role, one.Make().Role, two.Make().Role, three.Make().Role}
	if diff := cmp.Diff([]string{"member", "one", "onetwo", "onethree"}, got); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

func TestTheSameSeedMakesTheSameRows(t *testing.T) {
	t.Parallel()
	first := users.Seed(7).MakeMany(50)
	if diff := cmp.Diff(first, users.Seed(7).MakeMany(50)); diff != "" {
		t.Errorf("the second time (-first +second):\n%s", diff)
	}
	one := users.Seed(7)
	for i, want := range first { // also one by one
		if got := one.Make(); got != want {
			t.Errorf("row %d is %+v, was %+v", i, got, want)
		}
	}
	// Forever: tests of applications depend on it.
	want := user{Name: "Alan Diaz", Email: "alan.diaz1.x8t3@example.com", Role: "member", Score: 583234}
	if diff := cmp.Diff(want, first[0]); diff != "" {
		t.Errorf("the first row of seed 7 (-want +got):\n%s", diff)
	}
	if users.Seed(8).Make().Score == first[0].Score {
		t.Error("another seed makes the same rows")
	}
}

func TestEmailsAreUnique(t *testing.T) {
	t.Parallel()
	others := factory.New(func(f *factory.Fake) user { return user{Name: f.Name(), Email: f.Email()} })
	seen := map[string]bool{}
	for _, u := range append(append(users.MakeMany(2000), admins.MakeMany(2000)...), others.MakeMany(2000)...) {
		if seen[u.Email] {
			t.Errorf("%s is there twice", u.Email)
		}
		seen[u.Email] = true
		if name := strings.ToLower(strings.Replace(u.Name, " ", ".", 1)); !strings.HasPrefix(u.Email, name) {
			t.Errorf("%s has the address %s", u.Name, u.Email)
		}
	}
	for seed := range uint64(2000) {
		if u := users.Seed(seed).Make(); seen[u.Email] {
			t.Errorf("seed %d: %s is there twice", seed, u.Email)
		}
	}
}

func TestRowsMadeInParallelDiffer(t *testing.T) {
	t.Parallel()
	base := users.Seed(3)
	var mu sync.Mutex
	seen := map[string]bool{}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				u := base.Make()
				mu.Lock()
				seen[u.Email] = true
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if len(seen) != 800 {
		t.Errorf("%d addresses of 800 rows", len(seen))
	}
}

func TestSequence(t *testing.T) {
	t.Parallel()
	numbered := users.Sequence(func(i int, u *user) { u.Role = fmt.Sprint("r", i) })
	for range 2 { // each call counts from 0
		var roles []string
		for _, u := range numbered.MakeMany(3) {
			roles = append(roles, u.Role)
		}
		if got := strings.Join(roles, " "); got != "r0 r1 r2" {
			t.Errorf("roles %s", got)
		}
	}
	if role := numbered.Make().Role; role != "r0" {
		t.Errorf("the role of a single row is %s", role)
	}
}

func TestTheZeroFactory(t *testing.T) {
	t.Parallel()
	var none factory.Factory[user]
	if u := none.With(func(u *user) { u.Score = 3 }).Make(); u != (user{Score: 3}) {
		t.Errorf("it makes %+v", u)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, db *database.DB) {
		u, err := admins.Create(t.Context(), db)
		if err != nil || u.ID == 0 {
			t.Fatalf("%+v, %v", u, err)
		}
		stored, err := database.Find[user](t.Context(), db, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(u, stored); diff != "" {
			t.Errorf("stored (-made +stored):\n%s", diff)
		}
	})
}

func TestCreateMany(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, db *database.DB) {
		made, err := users.CreateMany(t.Context(), db, 1203)
		if err != nil {
			t.Fatal(err)
		}
		stored, err := database.From[user](db).OrderBy("id").All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(made, stored); diff != "" {
			t.Errorf("stored (-made +stored):\n%s", diff)
		}
	})
}

func TestCreateManyIsAllOrNothing(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, db *database.DB) {
		twice := users.Sequence(func(i int, u *user) {
			if i >= 700 {
				u.Email = "twice@example.com"
			}
		})
		rows, err := twice.CreateMany(t.Context(), db, 702)
		if _, ok := errors.AsType[*database.UniqueError](err); !ok || rows != nil {
			t.Errorf("%d rows, %v", len(rows), err)
		}
		if n := count[user](t, db); n != 0 {
			t.Errorf("%d rows are stored", n)
		}
	})
}

func TestBelongsTo(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, db *database.DB) {
		p, err := edited.Create(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		editor, err := database.Find[user](t.Context(), db, *p.EditID)
		if err != nil || editor.Role != "admin" || p.UserID == *p.EditID || count[user](t, db) != 2 {
			t.Errorf("post %+v, editor %+v, %v", p, editor, err)
		}
		mine := posts.Sequence(func(i int, p *post) {
			if i != 1 {
				p.UserID = editor.ID
			}
		})
		list, err := mine.CreateMany(t.Context(), db, 3)
		if err != nil {
			t.Fatal(err)
		}
		if list[0].UserID != editor.ID || list[1].UserID == editor.ID || list[1].UserID == 0 || list[2].UserID != editor.ID {
			t.Errorf("posts %+v", list)
		}
		if n := count[user](t, db); n != 3 {
			t.Errorf("%d users, want 3", n)
		}
		if _, err := posts.With(func(p *post) { p.ID = list[0].ID }).Create(t.Context(), db); err == nil {
			t.Error("a post with the key of another one was stored")
		}
		if n := count[user](t, db); n != 3 {
			t.Errorf("%d users after a post that was refused, want 3", n)
		}
		if p := posts.Make(); p.UserID != 0 {
			t.Errorf("a post that is not stored belongs to user %d", p.UserID)
		}
	})
}

func TestCreateWithinATransaction(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, db *database.DB) {
		back := errors.New("back")
		err := db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
			if _, err := posts.CreateMany(ctx, tx, 600); err != nil {
				return err
			}
			return back
		})
		if !errors.Is(err, back) {
			t.Error(err)
		}
		if n := count[post](t, db) + count[user](t, db); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}
