package kittest_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/factory"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/database/seed"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/kittest"
	"github.com/kitgo/kit/schedule"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

// The code of docs/testing.md is here, so that it compiles and runs:
// TestThePageShowsThisCode compares.

type User struct {
	ID    int64  `bun:"id,pk,autoincrement"`
	Name  string `bun:"name"`
	Email string `bun:"email"`
	Role  string `bun:"role"`
}

type Post struct {
	ID     int64  `bun:"id,pk,autoincrement"`
	UserID int64  `bun:"user_id"`
	Title  string `bun:"title"`
	Hidden bool   `bun:"hidden"`
}

var migrations = struct{ All migrate.Set }{migrate.Set{List: []migrate.Migration{{
	Name: "m20260101_000000_create_users_and_posts",
	Up: func(ctx context.Context, s *schema.Builder) error {
		err := s.Create(ctx, "users", func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.String("email", 120).Unique()
			t.String("role", 20)
		})
		if err != nil {
			return err
		}
		return s.Create(ctx, "posts", func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id").References("users")
			t.String("title", 120)
			t.Bool("hidden").Default(false)
		})
	},
}}}}

type Config struct{ kit.Config }

func newApp(_ context.Context, cfg Config) (*kit.App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		return nil, err
	}
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		return nil, err
	}
	pages := inertia.New(build, nil)
	tasks := func(s *schedule.Schedule) {
		nothing := func(context.Context) error { return nil }
		s.Add("posts:prune", nothing).DailyAt("03:00")
		s.Add("posts:publish", nothing).EveryFiveMinutes()
	}
	return &kit.App{Config: cfg.Config, DB: db, Migrations: migrations.All, Pages: pages, Schedule: tasks, Routes: func(r *web.Router) {
		r.Get("/posts", func(w http.ResponseWriter, r *http.Request) error {
			titles, err := database.Pluck[string](r.Context(), database.From[Post](db).Where("NOT hidden").OrderBy("id"), "title")
			if err != nil {
				return err
			}
			return pages.Render(w, r, "Posts", map[string]any{"titles": titles})
		})
		r.Post("/posts/hide", func(w http.ResponseWriter, r *http.Request) error {
			if err := hidePosts(r.Context(), db, r.FormValue("email")); err != nil {
				return err
			}
			return web.Redirect(w, r, "/posts")
		})
	}}, nil
}

// hidePosts hides the posts of the user who has an address.
func hidePosts(ctx context.Context, db *database.DB, email string) error {
	_, err := db.ExecContext(ctx, "UPDATE posts SET hidden = true WHERE user_id IN (SELECT id FROM users WHERE email = ?)", email)
	return err
}

var Users = factory.New(func(f *factory.Fake) User {
	return User{Name: f.Name(), Email: f.Email(), Role: "member"}
})

var Posts = factory.BelongsTo(
	factory.New(func(f *factory.Fake) Post { return Post{Title: f.Sentence()} }),
	Users,
	func(p *Post) *int64 { return &p.UserID },
	func(u *User) int64 { return u.ID },
)

func by(u User) func(*Post) { return func(p *Post) { p.UserID = u.ID } }

func TestHidePosts(t *testing.T) {
	t.Parallel()
	db := kittest.DB(t, migrations.All)
	ann, err := Users.Create(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Posts.With(by(ann)).CreateMany(t.Context(), db, 3); err != nil {
		t.Fatal(err)
	}
	if _, err := Posts.Create(t.Context(), db); err != nil { // and its user
		t.Fatal(err)
	}

	if err := hidePosts(t.Context(), db, ann.Email); err != nil {
		t.Fatal(err)
	}

	kittest.AssertCount[Post](t, db, 3, "hidden")
	kittest.AssertMissing[Post](t, db, "hidden AND user_id <> ?", ann.ID)
	kittest.AssertHas[User](t, db, "email = ?", ann.Email)
}

func TestPosts(t *testing.T) {
	t.Parallel()
	app, err := newApp(t.Context(), Config{Config: kittest.Config(t, migrations.All)})
	if err != nil {
		t.Fatal(err)
	}
	client := kittest.New(t, app)
	ann, err := Users.With(func(u *User) { u.Email = "ann@example.com" }).Create(t.Context(), app.DB)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Posts.With(by(ann)).CreateMany(t.Context(), app.DB, 2); err != nil {
		t.Fatal(err)
	}

	response := client.Post("/posts/hide", url.Values{"email": {"ann@example.com"}})
	if response.Code != http.StatusSeeOther {
		t.Errorf("POST /posts/hide = %d, want 303", response.Code)
	}

	page := client.Page(response.Header().Get("Location"))
	var props struct{ Titles []string }
	page.Decode(&props)
	if page.Component != "Posts" || len(props.Titles) != 0 {
		t.Errorf("page %s shows %q", page.Component, props.Titles)
	}
}

func TestFactories(t *testing.T) {
	t.Parallel()
	db, ctx := kittest.DB(t, migrations.All), t.Context()

	u := Users.Make()                             // not stored
	crowd, err := Users.CreateMany(ctx, db, 5000) // a few statements; the ids are in the rows
	check(t, err)
	admins := Users.With(func(u *User) { u.Role = "admin" }) // Users itself stays
	admin, err := admins.Create(ctx, db)
	check(t, err)
	roles := []string{"member", "editor"}
	mixed := Users.Sequence(func(i int, u *User) { u.Role = roles[i%len(roles)] }).MakeMany(4)
	same := Users.Seed(42).Make() // the same row each time

	if u.ID != 0 || crowd[4999].ID == 0 || admin.Role != "admin" || mixed[3].Role != "editor" || same != Users.Seed(42).Make() {
		t.Errorf("%+v %+v %+v %+v", u, crowd[4999], admin, same)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var Demo = seed.Seeder{
	Name: "demo",
	Run: func(ctx context.Context, c database.Conn) error {
		if some, err := database.From[User](c).Exists(ctx); some || err != nil {
			return err
		}
		_, err := Posts.CreateMany(ctx, c, 100)
		return err
	},
}

func TestSeeder(t *testing.T) {
	t.Parallel()
	db := kittest.DB(t, migrations.All)
	for range 2 {
		check(t, seed.Run(t.Context(), db, []seed.Seeder{Demo}, nil))
	}
	kittest.AssertCount[Post](t, db, 100, "")
	kittest.AssertCount[User](t, db, 100, "")
}

func TestTheNightlyPruning(t *testing.T) {
	t.Parallel()
	app, err := newApp(t.Context(), Config{Config: kittest.Config(t, migrations.All)})
	check(t, err)
	clock := kittest.NewSchedule(t, app, time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	clock.Advance(14 * time.Hour)
	clock.AssertRan("posts:prune", 0)
	clock.AssertRan("posts:publish", 14*12)

	clock.Advance(2 * time.Hour)
	clock.AssertRan("posts:prune", 1)
}

func TestThePageShowsThisCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("guide_test.go")
	check(t, err)
	page, err := os.ReadFile("../docs/testing.md")
	check(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) < 4 {
		t.Errorf("the page has %d pieces of code", len(blocks))
	}
	for _, b := range blocks {
		if !bytes.Contains(squeeze(source), squeeze(b[1])) {
			t.Errorf("the page shows code that is not here:\n%s", b[1])
		}
	}
}

// squeeze takes off what layout is: blanks in a row, empty lines, and the checks.
func squeeze(code []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(code)) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" && !strings.HasPrefix(line, "check(t, err)") {
			out.WriteString(line + "\n")
		}
	}
	return out.Bytes()
}
