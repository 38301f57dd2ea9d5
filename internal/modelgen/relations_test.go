package modelgen_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/modelgen"
)

// refer adds columns with a foreign key to the id of a table.
func refer(t modelgen.Table, table string, columns ...string) modelgen.Table {
	for _, c := range columns {
		t.Columns = append(t.Columns, modelgen.Column{Name: c, Kind: modelgen.Int})
		t.ForeignKeys = append(t.ForeignKeys, modelgen.ForeignKey{Columns: []string{c}, Table: table, References: []string{"id"}})
	}
	return t
}

func unique(t modelgen.Table, columns ...string) modelgen.Table {
	t.Unique = append(t.Unique, columns)
	return t
}

func TestRelationsOfForeignKeys(t *testing.T) {
	t.Parallel()
	regions := modelgen.Table{Name: "regions", PrimaryKey: []string{"country", "code"}, Columns: []modelgen.Column{{Name: "country"}, {Name: "code"}}}
	cities := table("cities", "country", "region")
	cities.ForeignKeys = []modelgen.ForeignKey{{Columns: []string{"country", "region"}, Table: "regions", References: []string{"country", "code"}}}
	odd := table("things")
	odd.Columns = append(odd.Columns, modelgen.Column{Name: "user id"})
	odd.ForeignKeys = []modelgen.ForeignKey{{Columns: []string{"user id"}, Table: "users", References: []string{"id"}}}
	for name, c := range map[string]struct {
		tables []modelgen.Table
		want   []string // TYPE.FIELD TYPE
	}{
		"one":                          {[]modelgen.Table{table("users"), refer(table("posts"), "users", "user_id")}, []string{"Post.User *User", "User.Posts []Post"}},
		"unique":                       {[]modelgen.Table{table("users"), unique(refer(table("cards"), "users", "user_id"), "user_id")}, []string{"Card.User *User", "User.Card *Card"}},
		"a name that is in use":        {[]modelgen.Table{table("users"), refer(table("posts", "user"), "users", "user_id")}, []string{"Post.UserUser *User", "User.Posts []Post"}},
		"a key without an end":         {[]modelgen.Table{table("users"), refer(table("posts"), "users", "owner")}, []string{"Post.User *User", "User.Posts []Post"}},
		"two":                          {[]modelgen.Table{table("users"), refer(table("posts", "title"), "users", "user_id", "editor_id")}, []string{"Post.Editor *User", "Post.User *User", "User.EditorPosts []Post", "User.Posts []Post"}},
		"several of one table":         {[]modelgen.Table{refer(table("nodes"), "nodes", "parent_id", "root_uuid")}, []string{"Node.Children []Node", "Node.Parent *Node", "Node.Root *Node", "Node.RootNodes []Node"}},
		"of several columns":           {[]modelgen.Table{regions, cities}, []string{"City.CountryRegionRegion *Region", "Region.Cities []City"}},
		"many to many":                 {[]modelgen.Table{table("posts"), table("tags"), refer(refer(table("post_tags", "created_at"), "posts", "post_id"), "tags", "tag_id")}, []string{"Post.Tags []Tag", "PostTag.Post *Post", "PostTag.Tag *Tag", "Tag.Posts []Post"}},
		"a pivot with more in it":      {[]modelgen.Table{table("posts"), table("tags"), refer(refer(table("post_tags", "note"), "posts", "post_id"), "tags", "tag_id")}, []string{"Post.PostTags []PostTag", "PostTag.Post *Post", "PostTag.Tag *Tag", "Tag.PostTags []PostTag"}},
		"a pivot of one":               {[]modelgen.Table{table("posts"), table("tags"), unique(refer(refer(table("post_tags"), "posts", "post_id"), "tags", "tag_id"), "post_id")}, []string{"Post.PostTag *PostTag", "PostTag.Post *Post", "PostTag.Tag *Tag", "Tag.PostTags []PostTag"}},
		"a table that is not there":    {[]modelgen.Table{refer(table("posts"), "users", "user_id")}, nil},
		"a name that tags cannot have": {[]modelgen.Table{table("users"), odd}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := models(t, nil)
			apply(t, dir, c.tables...)
			if diff := cmp.Diff(c.want, relations(folder(t, dir))); diff != "" {
				t.Errorf("relations (-want +got):\n%s", diff)
			}
		})
	}
}

// relations returns the fields of models that are relations, sorted.
func relations(files map[string]string) []string {
	var list []string
	for _, file := range slices.Sorted(maps.Keys(files)) {
		var model string
		for line := range strings.Lines(files[file]) {
			words := strings.Fields(line)
			switch {
			case strings.HasPrefix(line, "type ") && strings.HasSuffix(line, "struct {\n"):
				model = words[1]
			case strings.Contains(line, `bun:"rel:`), strings.Contains(line, `kit:"many-to-many`):
				list = append(list, model+"."+words[0]+" "+words[1])
			}
		}
	}
	slices.Sort(list)
	return list
}

// A struct that is written by hand can be at the other end; another type cannot.
func TestRelationsToWhatTheUserWrote(t *testing.T) {
	t.Parallel()
	for typ, want := range map[string][]string{"struct{}": {"Post.User *User"}, "string": nil} {
		dir := models(t, map[string]string{"user.go": "package models\n\n//kit:own\ntype User " + typ + "\n"})
		apply(t, dir, table("users"), refer(table("posts"), "users", "user_id"))
		if diff := cmp.Diff(want, relations(folder(t, dir))); diff != "" {
			t.Errorf("User is a %s: relations (-want +got):\n%s", typ, diff)
		}
	}
}
