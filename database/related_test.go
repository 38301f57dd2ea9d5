package database_test

import (
	"context"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// Album and Song can have notes and labels, and a note belongs to one or the other.
type Album struct {
	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name"`

	Songs       []Song   `bun:"rel:has-many,join:id=album_id"`
	Remarks     []Remark `bun:"-" kit:"has-many,join:id=about_id,where:about_type=album"`
	SongRemarks []Remark `bun:"-" kit:"through:Songs.Remarks"`
	SongGenres  []Genre  `bun:"-" kit:"through:Songs.Genres"`

	SongRemarksCount int `bun:"song_remarks_count,scanonly"`
	SongGenresCount  int `bun:"song_genres_count,scanonly"`
	RemarksCount     int `bun:"remarks_count,scanonly"`
}

type Song struct {
	ID       int64  `bun:"id,pk,autoincrement"`
	AlbumID  int64  `bun:"album_id"`
	CoverOf  *int64 `bun:"cover_of"`
	Name     string `bun:"name"`
	Original *Song  `bun:"rel:belongs-to,join:cover_of=id"`
	Covers   []Song `bun:"rel:has-many,join:id=cover_of"`

	Remarks []Remark `bun:"-" kit:"has-many,join:id=about_id,where:about_type=song"`
	Genres  []Genre  `bun:"-" kit:"many-to-many,table:genred,join:thing_id=genre_id,when:thing_type=song"`

	CoversCount int `bun:"covers_count,scanonly"`
	GenresCount int `bun:"genres_count,scanonly"`
}

type Remark struct {
	ID        int64  `bun:"id,pk,autoincrement"`
	AboutID   *int64 `bun:"about_id"`
	AboutType string `bun:"about_type"`
	Text      string `bun:"text"`

	Album *Album `bun:"-" kit:"belongs-to,join:about_id=id,when:about_type=album"`
	Song  *Song  `bun:"-" kit:"belongs-to,join:about_id=id,when:about_type=song"`
}

type Genre struct {
	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name"`

	Songs []Song `bun:"-" kit:"many-to-many,table:genred,join:genre_id=thing_id,when:thing_type=song"`
}

// music returns a database with two albums of two songs, of which the last is a cover of
// the first.
func music(t *testing.T, url string) *database.DB {
	t.Helper()
	db := open(t, url, nil)
	ctx := t.Context()
	s := schema.New(db)
	named := func(t *schema.Table) { t.ID(); t.String("name", 80) }
	for _, err := range []error{
		s.Create(ctx, "albums", named),
		s.Create(ctx, "genres", named),
		s.Create(ctx, "songs", func(t *schema.Table) {
			named(t)
			t.BigInteger("album_id")
			t.BigInteger("cover_of").Nullable()
		}),
		s.Create(ctx, "remarks", func(t *schema.Table) { t.ID(); t.NullableMorphs("about"); t.Text("text") }),
		s.Create(ctx, "genred", func(t *schema.Table) { t.Morphs("thing"); t.BigInteger("genre_id") }),
		database.InsertMany(ctx, db, []Album{{Name: "Red"}, {Name: "Blue"}}),
		database.InsertMany(ctx, db, []Song{{AlbumID: 1, Name: "One"}, {AlbumID: 1, Name: "Two"}, {AlbumID: 2, Name: "Three"}, {AlbumID: 2, Name: "One again", CoverOf: new(int64(1))}}),
		database.InsertMany(ctx, db, []Genre{{Name: "rock"}, {Name: "folk"}}),
		database.InsertMany(ctx, db, []Remark{
			{AboutID: new(int64(1)), AboutType: "album", Text: "red"}, {AboutID: new(int64(1)), AboutType: "song", Text: "one"},
			{AboutID: new(int64(2)), AboutType: "song", Text: "two"}, {AboutID: new(int64(2)), AboutType: "album", Text: "blue"},
			{AboutID: new(int64(2)), AboutType: "film", Text: "of something else"}, {Text: "of nothing"},
		}),
		database.Insert(ctx, db, &Remark{AboutID: new(int64(2)), AboutType: "song", Text: "two, too"}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	exec(t, db, "INSERT INTO genred (thing_type, thing_id, genre_id) VALUES ('song', 1, 1), ('song', 1, 2), ('song', 2, 1), ('album', 3, 2)")
	return db
}

func TestPolymorphicRelations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := music(t, url)
		ctx := t.Context()
		remarks, err := database.From[Remark](db).With("Album.Songs").With("Song.Genres").OrderBy("id").All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range remarks {
			what := r.Text + ":"
			if r.Album != nil {
				what += " album " + r.Album.Name + " of " + r.Album.Songs[0].Name
			}
			if r.Song != nil {
				what += " song " + r.Song.Name
				for _, g := range r.Song.Genres {
					what += " " + g.Name
				}
			}
			got = append(got, what)
		}
		equal(t, "remarks", got, nil, []string{
			"red: album Red of One", "one: song One rock folk", "two: song Two rock", "blue: album Blue of Three",
			"of something else:", "of nothing:", "two, too: song Two rock",
		})
		texts := func(q *database.Query[Remark]) []string {
			t.Helper()
			list, err := database.Pluck[string](ctx, q.OrderBy("id"), "text")
			if err != nil {
				t.Error(err)
			}
			return list
		}
		equal(t, "about an album", texts(database.From[Remark](db).WhereHas("Album")), nil, []string{"red", "blue"})
		equal(t, "about no song", texts(database.From[Remark](db).WhereHasNo("Song")), nil, []string{"red", "blue", "of something else", "of nothing"})
		equal(t, "about rock", texts(database.From[Remark](db).WhereHas("Song.Genres", func(r *database.Related) { r.Where("name = ?", "rock") })), nil,
			[]string{"one", "two", "two, too"})

		genres, err := database.From[Genre](db).With("Songs", func(r *database.Related) { r.OrderBy("name DESC") }).OrderBy("id").All(ctx)
		if err != nil || len(genres[0].Songs) != 2 || genres[0].Songs[0].Name != "Two" || len(genres[1].Songs) != 1 {
			t.Errorf("genres: %+v, %v", genres, err)
		}
	})
}

func TestRelationsThroughOthersAndToTheSameTable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := music(t, url)
		ctx := t.Context()
		albums, err := database.From[Album](db).WithCount("SongRemarks", "SongGenres", "Remarks").With("SongGenres").OrderBy("id").All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range [][3]int{{3, 3, 1}, {0, 0, 1}} {
			a := albums[i]
			if got := [3]int{a.SongRemarksCount, a.SongGenresCount, a.RemarksCount}; got != want || len(a.SongGenres) != a.SongGenresCount {
				t.Errorf("%s has %v, want %v; %+v", a.Name, got, want, a.SongGenres)
			}
		}
		songs, err := database.From[Song](db).WithCount("Covers", "Genres").With("Covers").With("Original.Covers").OrderBy("id").All(ctx)
		if err != nil || songs[0].CoversCount != 1 || songs[0].GenresCount != 2 || songs[1].CoversCount != 0 || len(songs[0].Covers) != 1 || songs[3].Original.Covers[0].Name != "One again" {
			t.Errorf("songs: %+v, %v", songs, err)
		}
		names := func(q *database.Query[Song]) []string {
			t.Helper()
			list, err := database.Pluck[string](ctx, q.OrderBy("id"), "name")
			if err != nil {
				t.Error(err)
			}
			return list
		}
		equal(t, "with covers", names(database.From[Song](db).WhereHas("Covers", func(r *database.Related) { r.Where("covers.name <> songs.name") })), nil, []string{"One"})
		equal(t, "there and back", names(database.From[Song](db).WhereHas("Covers.Original.Covers")), nil, []string{"One"})
		equal(t, "with no original", names(database.From[Song](db).WhereHasNo("Original")), nil, []string{"One", "Two", "Three"})
		found, err := database.Pluck[string](ctx, database.From[Album](db).WhereHas("SongRemarks", func(r *database.Related) { r.Where("text = ?", "two") }), "name")
		equal(t, "through the songs", found, err, []string{"Red"})
		n, err := database.From[Album](db).WhereHasNo("SongRemarks").Update(ctx, map[string]any{"name": "Silent"})
		equal(t, "an update by a relation", n, err, int64(1))
	})
}

func TestRelationsThatAreNone(t *testing.T) {
	t.Parallel()
	type column struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"has-many,join:idd=name"`
	}
	type other struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"has-many,join:id=owner"`
	}
	type when struct {
		ID  int64 `bun:"id,pk"`
		Tag *Tag  `bun:"-" kit:"belongs-to,join:id=id,when:kind=tag"`
	}
	type whenMany struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"has-many,join:id=id,when:id=tag"`
	}
	type one struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"belongs-to,join:id=id"`
	}
	type two struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"many-to-many,table:x,join:a=b,join:c=d"`
	}
	type table struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"has-many,table:x,join:id=id"`
	}
	type circle struct {
		ID   int64 `bun:"id,pk"`
		Tags []Tag `bun:"-" kit:"through:Tags"`
	}
	type elsewhere struct {
		ID      int64     `bun:"id,pk"`
		Tags    []Tag     `bun:"-" kit:"has-many,join:id=id"`
		Authors []*Author `bun:"-" kit:"through:Tags"`
	}
	db := open(t, "sqlite://:memory:", nil) // none of them reaches a database
	ctx := t.Context()
	for want, err := range map[string]error{
		`column.Tags: the tag kit:"has-many,join:idd=name": database_test.column has no column "idd"`: all[column](ctx, db),
		`other.Tags: database_test.Tag has no column "owner"`:                                         all[other](ctx, db),
		`when.Tag: the tag kit:"belongs-to,join:id=id,when:kind=tag": database_test.when has no`:      all[when](ctx, db),
		`when:COLUMN=VALUE goes with belongs-to and many-to-many`:                                     all[whenMany](ctx, db),
		`belongs-to does not go with the type []database_test.Tag`:                                    all[one](ctx, db),
		`many-to-many has one join`:         all[two](ctx, db),
		`table:NAME goes with many-to-many`: all[table](ctx, db),
		`circle.Tags goes through itself`:   all[circle](ctx, db),
		`elsewhere.Authors: Tags leads to database_test.Tag, not to database_test.Author`: second(database.From[elsewhere](db).With("Authors").All(ctx)),
		`database_test.Tag has no relation "Posts", and no other`:                         database.Load(ctx, db, []elsewhere{{ID: 1}}, "Tags.Posts"),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// all reads rows with the relation Tags or Tag.
func all[T any](ctx context.Context, db *database.DB) error {
	_, err := database.From[T](db).With("Tags").All(ctx)
	if err != nil && strings.Contains(err.Error(), `no relation "Tags"`) {
		_, err = database.From[T](db).With("Tag").All(ctx)
	}
	return err
}
