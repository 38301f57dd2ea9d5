package schema_test

import (
	"context"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

// The code of docs/schema.md is here, so that it compiles and runs against every
// database: TestThePageShowsThisCode compares.

var createPostsTable = migrate.Migration{
	Name: "m20260131_154500_create_posts_table",
	Up: func(ctx context.Context, s *schema.Builder) error {
		return s.Create(ctx, "posts", func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id").References("users").OnDelete(schema.Cascade)
			t.String("title", 200)
			t.Text("body").Nullable()
			t.Bool("published").Default(false)
			t.Timestamps()
			t.Index("user_id", "published")
		})
	},
	Down: func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, "posts") },
}

func TestGuide(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "users", func(t *schema.Table) {
			t.ID()
			t.String("email", 200)
			t.SoftDeletes()
		}))
		must(t, s.Create(ctx, "shelves", func(t *schema.Table) {
			t.Integer("room")
			t.Integer("number")
			t.PrimaryKey("room", "number")
		}))
		must(t, createPostsTable.Up(ctx, s))
		must(t, s.Table(ctx, "posts", func(t *schema.Table) {
			t.Integer("shelf_room").Nullable()
			t.Integer("shelf_number").Nullable()
			t.Timestamp("begins_at").Nullable()
			t.Timestamp("ends_at").Nullable()
			t.Foreign("shelf_room", "shelf_number").References("shelves", "room", "number")
			t.Check("posts_dates", "ends_at > begins_at")
		}))
		if s.Dialect() != database.MySQL {
			must(t, s.Table(ctx, "users", func(t *schema.Table) {
				t.UniqueIndex("email").Where("deleted_at IS NULL")
				t.IndexExpr("users_lower_email", "lower(email)")
			}))
		}
		must(t, schema.NoTransaction(db).Table(ctx, "posts", func(t *schema.Table) { t.Index("title").Name("by_title").Concurrently() }))

		must(t, s.Table(ctx, "posts", func(t *schema.Table) {
			t.RenameColumn("body", "text")
			t.DropForeign("user_id")
			t.DropIndex("user_id", "published")
			t.DropColumn("published")
			t.String("title", 300).Nullable().Change()
			t.Timestamp("published_at").Nullable()
		}))
		must(t, s.Exec(ctx, "UPDATE posts SET title = ? WHERE title = ''", "Untitled"))
		if _, isDB := s.Conn().(*database.DB); !isDB || s.Dialect() != db.Dialect() {
			t.Error("the builder works elsewhere")
		}
		must(t, s.ExecOn(ctx, database.Postgres, "CREATE EXTENSION IF NOT EXISTS citext"))

		tables, err := s.Tables(ctx)
		must(t, err)
		views, err := s.Views(ctx)
		must(t, err)
		columns, err := s.Columns(ctx, "posts")
		must(t, err)
		indexes, err := s.Indexes(ctx, "posts")
		must(t, err)
		keys, err := s.ForeignKeys(ctx, "posts")
		must(t, err)
		checks, err := s.Checks(ctx, "posts")
		must(t, err)
		if len(tables) != 3 || len(views) != 0 || len(indexes) < 2 || len(keys) != 1 || len(checks) != 1 {
			t.Errorf("there are %q, %q, %+v, %+v and %+v", tables, views, indexes, keys, checks)
		}
		found, err := s.HasTable(ctx, "posts")
		must(t, err)
		if !found {
			t.Error("there is no table posts")
		}
		found, err = s.HasColumn(ctx, "posts", "title")
		must(t, err)
		if !found {
			t.Error("there is no column title")
		}
		var names []string
		for _, c := range columns {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != "id user_id title text created_at updated_at shelf_room shelf_number begins_at ends_at published_at" {
			t.Errorf("the columns are %s", got)
		}
	})
}

// Lines of the page may stand apart here; none may be missing.
func TestThePageShowsThisCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("page_test.go")
	must(t, err)
	text, err := os.ReadFile("../../docs/schema.md")
	must(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(text, -1)
	if len(blocks) == 0 {
		t.Fatal("the page has no code")
	}
	remark := regexp.MustCompile(`\s+// .*`)
	space := regexp.MustCompile(`\s+`)
	code := space.ReplaceAllString(string(source), " ")
	for _, b := range blocks {
		for line := range strings.Lines(string(b[1])) {
			line = space.ReplaceAllString(strings.TrimSpace(remark.ReplaceAllString(line, "")), " ")
			if !strings.Contains(code, line) {
				t.Errorf("the page shows code that is not here: %s", line)
			}
		}
	}
}
