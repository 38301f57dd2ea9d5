package database_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

type Author struct {
	ID        int64     `bun:"id,pk,autoincrement"`
	Name      string    `bun:"name"`
	Rank      int       `bun:"rank"`
	Settings  Settings  `bun:"settings,type:json"`
	CreatedAt time.Time `bun:"created_at"`
	UpdatedAt time.Time `bun:"updated_at"`

	Posts      []Post    `bun:"rel:has-many,join:id=author_id"`
	Profile    *Profile  `bun:"rel:has-one,join:id=author_id"`
	Image      *Image    `bun:"-" kit:"has-one,join:id=owner_id,where:owner_type=author"`
	Comments   []Comment `bun:"-" kit:"through:Posts.Comments"`
	PostsCount int       `bun:"posts_count,scanonly"`
}

type Settings struct {
	Theme string         `json:"theme,omitempty"`
	Flags map[string]any `json:"flags,omitempty"`
	Tags  []string       `json:"tags,omitempty"`
}

type Profile struct {
	ID       int64  `bun:"id,pk,autoincrement"`
	AuthorID int64  `bun:"author_id"`
	Bio      string `bun:"bio"`
}

type Post struct {
	ID        int64     `bun:"id,pk,autoincrement"`
	AuthorID  *int64    `bun:"author_id"`
	Title     string    `bun:"title"`
	Views     int64     `bun:"views,default:0"`
	DeletedAt time.Time `bun:"deleted_at,soft_delete,nullzero"`

	Author   *Author    `bun:"rel:belongs-to,join:author_id=id"`
	Comments []*Comment `bun:"rel:has-many,join:id=post_id"`
	Tags     []Tag      `bun:"-" kit:"many-to-many,table:post_tags,join:post_id=tag_id"`
}

type Comment struct {
	ID     int64  `bun:"id,pk,autoincrement"`
	PostID int64  `bun:"post_id"`
	Text   string `bun:"text"`
}

type Tag struct {
	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name"`
}

type Image struct {
	ID        int64  `bun:"id,pk,autoincrement"`
	OwnerID   int64  `bun:"owner_id"`
	OwnerType string `bun:"owner_type"`
	Path      string `bun:"path"`
}

// blog returns a database with three authors, of whom the first has two posts, the
// second one, with comments, tags and images.
func blog(t *testing.T, url string) *database.DB {
	t.Helper()
	db := open(t, url, nil)
	tables(t, db)
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(database.InsertMany(ctx, db, []Author{{Name: "Ann", Rank: 3}, {Name: "Bob", Rank: 1}, {Name: "Cid", Rank: 2}}))
	must(database.InsertMany(ctx, db, []Profile{{AuthorID: 1, Bio: "writes"}, {AuthorID: 3, Bio: "reads"}}))
	must(database.InsertMany(ctx, db, []Post{{AuthorID: new(int64(1)), Title: "One"}, {AuthorID: new(int64(1)), Title: "Two"}, {AuthorID: new(int64(2)), Title: "Three"}, {Title: "Nobody's"}}))
	must(database.InsertMany(ctx, db, []Comment{{PostID: 1, Text: "a"}, {PostID: 1, Text: "b"}, {PostID: 3, Text: "c"}}))
	must(database.InsertMany(ctx, db, []Tag{{Name: "go"}, {Name: "sql"}}))
	exec(t, db, "INSERT INTO post_tags (post_id, tag_id) VALUES (1, 1), (1, 2), (3, 2)")
	must(database.InsertMany(ctx, db, []Image{{OwnerID: 1, OwnerType: "author", Path: "ann.png"}, {OwnerID: 1, OwnerType: "post", Path: "one.png"}}))
	return db
}

func tables(t *testing.T, db *database.DB) {
	t.Helper()
	s := schema.New(db)
	create := func(name string, define func(*schema.Table)) {
		t.Helper()
		if err := s.Create(t.Context(), name, define); err != nil {
			t.Fatal(err)
		}
	}
	create("authors", func(t *schema.Table) {
		t.ID()
		t.String("name", 80).Unique()
		t.Integer("rank")
		t.JSON("settings").Nullable()
		t.Timestamps()
	})
	create("profiles", func(t *schema.Table) {
		t.ID()
		t.ForeignID("author_id").References("authors")
		t.String("bio", 80)
	})
	create("posts", func(t *schema.Table) {
		t.ID()
		t.ForeignID("author_id").References("authors").Nullable()
		t.String("title", 80)
		t.BigInteger("views").Default(0)
		t.Timestamp("deleted_at").Nullable()
	})
	create("comments", func(t *schema.Table) {
		t.ID()
		t.ForeignID("post_id").References("posts")
		t.Text("text")
	})
	create("tags", func(t *schema.Table) {
		t.ID()
		t.String("name", 80)
	})
	create("post_tags", func(t *schema.Table) {
		t.BigInteger("post_id")
		t.BigInteger("tag_id")
		t.PrimaryKey("post_id", "tag_id")
	})
	create("images", func(t *schema.Table) {
		t.ID()
		t.BigInteger("owner_id")
		t.String("owner_type", 20)
		t.String("path", 80)
	})
}

// equal fails the test when two values differ, or there is an error.
func equal(t *testing.T, what string, got any, err error, want any) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// titles returns the titles of posts.
func titles(posts []Post, err error) ([]string, error) {
	list := make([]string, len(posts))
	for i, p := range posts {
		list[i] = p.Title
	}
	return list, err
}

func TestRelations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		ctx := t.Context()
		authors, err := database.From[Author](db).With("Posts.Tags").With("Posts.Comments").With("Profile").With("Image").
			With("Comments").WithCount("Posts").OrderBy("id").All(ctx)
		if err != nil || len(authors) != 3 {
			t.Fatal(authors, err)
		}
		for i := range authors {
			authors[i].CreatedAt, authors[i].UpdatedAt = time.Time{}, time.Time{}
		}
		one := int64(1)
		two := int64(2)
		want := []Author{
			{
				ID: 1, Name: "Ann", Rank: 3, PostsCount: 2,
				Posts: []Post{
					{ID: 1, AuthorID: &one, Title: "One", Tags: []Tag{{1, "go"}, {2, "sql"}}, Comments: []*Comment{{1, 1, "a"}, {2, 1, "b"}}},
					{ID: 2, AuthorID: &one, Title: "Two", Tags: []Tag{}, Comments: []*Comment{}},
				},
				Profile:  &Profile{1, 1, "writes"},
				Image:    &Image{1, 1, "author", "ann.png"},
				Comments: []Comment{{1, 1, "a"}, {2, 1, "b"}},
			},
			{
				ID: 2, Name: "Bob", Rank: 1, PostsCount: 1,
				Posts:    []Post{{ID: 3, AuthorID: &two, Title: "Three", Tags: []Tag{{2, "sql"}}, Comments: []*Comment{{3, 3, "c"}}}},
				Comments: []Comment{{3, 3, "c"}},
			},
			{ID: 3, Name: "Cid", Rank: 2, Posts: []Post{}, Profile: &Profile{2, 3, "reads"}, Comments: []Comment{}},
		}
		equal(t, "authors", authors, nil, want)

		posts, err := database.From[Post](db).With("Author").OrderBy("id").All(ctx)
		if err != nil || posts[0].Author.Name != "Ann" || posts[2].Author.Name != "Bob" || posts[3].Author != nil {
			t.Errorf("the authors of posts: %+v, %v", posts, err)
		}
		some, err := database.From[Author](db).With("Posts", func(r *database.Related) { r.Where("title <> ?", "One").OrderBy("id DESC") }).Find(ctx, 1)
		got, err := titles(some.Posts, err)
		equal(t, "a narrowed relation", got, err, []string{"Two"})
		rows := []Author{{ID: 2}}
		err = database.Load(ctx, db, rows, "Posts")
		got, err = titles(rows[0].Posts, err)
		equal(t, "Load", got, err, []string{"Three"})

		names, err := database.Pluck[string](ctx, database.From[Author](db).WhereHas("Posts", func(r *database.Related) { r.Where("title = ?", "Three") }), "name")
		equal(t, "WhereHas", names, err, []string{"Bob"})
		names, err = database.Pluck[string](ctx, database.From[Author](db).WhereHasNo("Posts"), "name")
		equal(t, "WhereHasNo", names, err, []string{"Cid"})
		titled, err := database.Pluck[string](ctx, database.From[Post](db).WhereHas("Tags", func(r *database.Related) { r.Where("tags.name = ?", "sql") }).OrderBy("id"), "title")
		equal(t, "WhereHas of many to many", titled, err, []string{"One", "Three"})

		for _, wrong := range []*database.Query[Author]{
			database.From[Author](db).With("Friends"), database.From[Author](db).With("Posts.Friends"),
			database.From[Author](db).WithCount("Profile"), database.From[Author](db).WhereHas("Posts.Friends"),
		} {
			if rows, err := wrong.All(ctx); err == nil {
				t.Errorf("a relation that is not there: %+v", rows)
			}
		}
	})
}

func TestSoftDeletes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		ctx := t.Context()
		posts := func() *database.Query[Post] { return database.From[Post](db).OrderBy("id") }
		two, err := posts().Where("title = ?", "Two").Sole(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := database.Delete(ctx, db, &two); err != nil {
			t.Fatal(err)
		}
		if err := database.Delete(ctx, db, &two); !errors.Is(err, database.ErrNotFound) {
			t.Errorf("deleting it again: %v", err)
		}
		got, err := titles(posts().Where("id > 0").OrWhere("id < 0").All(ctx))
		equal(t, "the others", got, err, []string{"One", "Three", "Nobody's"})
		got, err = titles(posts().WithTrashed().All(ctx))
		equal(t, "all", got, err, []string{"One", "Two", "Three", "Nobody's"})
		got, err = titles(posts().OnlyTrashed().All(ctx))
		equal(t, "the deleted ones", got, err, []string{"Two"})
		author, err := database.From[Author](db).With("Posts").WithCount("Posts").Find(ctx, 1)
		got, err = titles(author.Posts, err)
		equal(t, "of the author", got, err, []string{"One"})
		equal(t, "their number", author.PostsCount, nil, 1)
		if n, err := database.From[Post](db).Where("title = ?", "Two").Restore(ctx); err != nil || n != 1 {
			t.Errorf("Restore: %d, %v", n, err)
		}
		if n, err := posts().Count(ctx); err != nil || n != 4 {
			t.Errorf("%d posts after Restore, %v", n, err)
		}
		if n, err := database.From[Post](db).Where("id IN (?)", []int{2, 4}).Delete(ctx); err != nil || n != 2 {
			t.Errorf("Delete: %d, %v", n, err)
		}
		if n, err := database.From[Post](db).OnlyTrashed().ForceDelete(ctx); err != nil || n != 2 {
			t.Errorf("ForceDelete: %d, %v", n, err)
		}
		if n := count(t, db, "posts"); n != 2 {
			t.Errorf("%d rows left", n)
		}
		if _, err := database.From[Tag](db).Where("true").Restore(ctx); err == nil {
			t.Error("Restore without soft deletes is no error")
		}
	})
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		ctx := t.Context()
		want := Settings{Theme: `da"rk\`, Flags: map[string]any{"a.b": true, "n": 2.5}, Tags: []string{"x", "y"}}
		a := Author{Name: "Dee", Settings: want}
		if err := database.Insert(ctx, db, &a); err != nil {
			t.Fatal(err)
		}
		got, err := database.Find[Author](ctx, db, a.ID)
		equal(t, "settings", got.Settings, err, want)
		for _, c := range []struct {
			path  []string
			value any
			want  int
		}{
			{[]string{"theme"}, `da"rk\`, 1}, {[]string{"flags", "a.b"}, true, 1}, {[]string{"flags", "n"}, 2.5, 1},
			{[]string{"tags", "1"}, "y", 1}, {[]string{"tags", "1"}, "x", 0}, {[]string{"nothing"}, nil, 4}, {[]string{"'); DROP"}, "x", 0},
		} {
			n, err := database.From[Author](db).WhereJSON("settings", c.path, c.value).Count(ctx)
			if err != nil || n != c.want {
				t.Errorf("%v = %v: %d authors, %v, want %d", c.path, c.value, n, err, c.want)
			}
		}
	})
}

type Event struct {
	ID   string          `bun:"id,pk"`
	Body json.RawMessage `bun:"body"`
	Kind EventKind       `bun:"kind"`
	Note *string         `bun:"note"`
	Log  []string        `bun:"-"`
}

type EventKind string

func (e *Event) BeforeInsert(_ context.Context, _ database.Conn) error {
	if e.Kind == "" {
		return errors.New("no kind")
	}
	e.Log = append(e.Log, "before insert")
	return nil
}

func (e *Event) AfterInsert(ctx context.Context, c database.Conn) error {
	n, err := database.From[Event](c).WhereKey(e.ID).Count(ctx)
	if n != 1 {
		err = errors.New("it is not there")
	}
	e.Log = append(e.Log, "after insert")
	return err
}

func (e *Event) BeforeUpdate(context.Context, database.Conn) error {
	e.Log = append(e.Log, "before update")
	return nil
}

func (e *Event) AfterUpdate(context.Context, database.Conn) error {
	e.Log = append(e.Log, "after update")
	return nil
}

func (e *Event) BeforeDelete(context.Context, database.Conn) error {
	if e.Note != nil {
		return errors.New("it has a note")
	}
	return nil
}

func (e *Event) AfterDelete(context.Context, database.Conn) error {
	e.Log = append(e.Log, "after delete")
	return nil
}

func (e *Event) AfterFind(context.Context) error {
	e.Log = append(e.Log, "found")
	return nil
}

func TestHooks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		ctx := t.Context()
		err := schema.New(db).Create(ctx, "events", func(t *schema.Table) {
			t.UUID("id")
			t.PrimaryKey("id")
			t.JSON("body").Nullable()
			t.String("kind", 20)
			t.String("note", 20).Nullable()
		})
		if err != nil {
			t.Fatal(err)
		}
		const id = "0198c1e0-0000-7000-8000-000000000001"
		if err := database.Insert(ctx, db, &Event{ID: id}); err == nil {
			t.Error("BeforeInsert refuses nothing")
		}
		e := Event{ID: id, Kind: "made", Body: json.RawMessage(`{"a": [1, 2]}`)}
		for what, err := range map[string]error{"insert": database.Insert(ctx, db, &e), "update": database.Update(ctx, db, &e)} {
			if err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		got, err := database.Find[Event](ctx, db, id)
		if err != nil || string(got.Body) != `{"a": [1, 2]}` && string(got.Body) != `{"a":[1,2]}` || got.Kind != "made" || len(got.Log) != 1 {
			t.Errorf("read back %+v, %v", got, err)
		}
		if err := database.Delete(ctx, db, &Event{ID: id, Note: new("x")}); err == nil {
			t.Error("BeforeDelete refuses nothing")
		}
		if err := database.Delete(ctx, db, &e); err != nil {
			t.Error(err)
		}
		equal(t, "hooks", e.Log, nil, []string{"before insert", "after insert", "before update", "after update", "after delete"})
	})
}
