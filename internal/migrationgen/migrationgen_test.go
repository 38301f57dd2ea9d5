package migrationgen_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/migrationgen"
)

const list = "package migrations\n\nimport \"github.com/kitgo/kit/database/migrate\"\n\nvar All = migrate.Set{List: []migrate.Migration{}}\n"

// folder makes a folder of migrations with files, and a list.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "migrations.go"), []byte(list), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func newMigration(dir string, args []string, o migrationgen.Options) (*migrationgen.Migration, error) {
	cols, err := columns.Parse(args[1:])
	if err != nil {
		return nil, err
	}
	o.Columns = cols
	if o.Now.IsZero() {
		o.Now = time.Date(2026, 1, 2, 0, 4, 5, 0, time.FixedZone("", 3600))
	}
	return migrationgen.New(dir, args[0], o)
}

// body returns the text between the braces of Up or Down, on one line.
func body(source []byte, function string) string {
	_, text, ok := strings.Cut(string(source), "\t"+function+": func(ctx context.Context, s *schema.Builder) error {\n")
	if !ok {
		return ""
	}
	text, _, _ = strings.Cut(text, "\n\t},\n")
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "func(t *schema.Table) ", "")
}

func TestNames(t *testing.T) {
	t.Parallel()
	for args, want := range map[string][2]string{
		"create_posts_table title:string:80 author:references": {
			`return s.Create(ctx, "posts", { t.ID() t.String("title", 80) t.ForeignID("author_id").References("authors").Index() t.Timestamps() })`,
			`return s.Drop(ctx, "posts")`,
		},
		"CreatePosts":             {`return s.Create(ctx, "posts", { t.ID() t.Timestamps() })`, `return s.Drop(ctx, "posts")`},
		"create-blog-posts-table": {`return s.Create(ctx, "blog_posts", { t.ID() t.Timestamps() })`, `return s.Drop(ctx, "blog_posts")`},
		"add_slug_to_posts slug:unique": {
			`return s.Table(ctx, "posts", { t.String("slug", 255).Unique() })`, `return s.Table(ctx, "posts", { t.DropColumn("slug") })`,
		},
		"AddPriceAndYearToBooksTable price:decimal:8,2 year:integer:nullable": {
			`return s.Table(ctx, "books", { t.Decimal("price", 8, 2) t.Integer("year").Nullable() })`, `return s.Table(ctx, "books", { t.DropColumn("price", "year") })`,
		},
		"add_link_to_page_to_posts page:references": {
			`return s.Table(ctx, "posts", { t.ForeignID("page_id").References("pages").Index() })`, `return s.Table(ctx, "posts", { t.DropColumn("page_id") })`,
		},
		"remove_slug_from_posts slug:string:80": {
			`return s.Table(ctx, "posts", { t.DropColumn("slug") })`, `return s.Table(ctx, "posts", { t.String("slug", 80) })`,
		},
		"drop_slug_from_posts": {`return s.Table(ctx, "posts", { t.DropColumn("slug") })`, ``},
		"drop_posts_table":     {`return s.Drop(ctx, "posts")`, ``},
		"drop_posts_table title": {
			`return s.Drop(ctx, "posts")`, `return s.Create(ctx, "posts", { t.ID() t.String("title", 255) t.Timestamps() })`,
		},
		"rename_slug_to_path_in_posts": {
			`return s.Table(ctx, "posts", { t.RenameColumn("slug", "path") })`, `return s.Table(ctx, "posts", { t.RenameColumn("path", "slug") })`,
		},
		"backfill_slugs": {`return nil`, `return nil`},
	} {
		m, err := newMigration(folder(t, nil), strings.Fields(args), migrationgen.Options{})
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if diff := cmp.Diff(want, [2]string{body(m.File.Text, "Up"), body(m.File.Text, "Down")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", args, diff)
		}
		if (want[1] == "" || want[1] == "return nil") && len(m.Notes) == 0 {
			t.Errorf("%s: there is no note", args)
		}
	}
}

func TestTheTableMayBeGiven(t *testing.T) {
	t.Parallel()
	m, err := newMigration(folder(t, nil), []string{"prices", "price:decimal"}, migrationgen.Options{Table: "posts"})
	if err != nil || body(m.File.Text, "Up") != `return s.Table(ctx, "posts", { t.Decimal("price", 10, 2) })` {
		t.Errorf("%v, %s", err, m.File.Text)
	}
	m, err = newMigration(folder(t, nil), []string{"prices", "price:decimal"}, migrationgen.Options{Create: "prices"})
	if err != nil || body(m.File.Text, "Down") != `return s.Drop(ctx, "prices")` {
		t.Errorf("%v, %s", err, m.File.Text)
	}
}

// The time is in UTC, and after that of the newest migration, as they run in that order.
func TestTheNameHasTheTime(t *testing.T) {
	t.Parallel()
	for there, want := range map[string]string{
		"m20250101_000000_x.go":     "m20260101_230405_add_a_to_b",
		"m20260101_230404_x.go":     "m20260101_230405_add_a_to_b",
		"m20260101_230405_x.up.sql": "m20260101_230406_add_a_to_b",
		"m20271231_235959_x.go":     "m20280101_000000_add_a_to_b",
	} {
		m, err := newMigration(folder(t, map[string]string{there: "package migrations\n"}), []string{"add_a_to_b", "a"}, migrationgen.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Name != want || filepath.Base(m.File.Path) != want+".go" || !strings.Contains(string(m.File.Text), `"`+want+`"`) {
			t.Errorf("after %s comes %s, want %s", there, m.Name, want)
		}
	}
}

// Names that Go would take for something else.
func TestNamesOfFilesAndVariables(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"create_unit_test": {"m20260101_230405_create_unit_test_migration", "createUnitTestMigration"},
		"port_to_windows":  {"m20260101_230405_port_to_windows_migration", "portToWindowsMigration"},
		"type":             {"m20260101_230405_type", "typeMigration"},
		"init":             {"m20260101_230405_init", "initMigration"},
		"all":              {"m20260101_230405_all", "allMigration"},
		"func_names":       {"m20260101_230405_func_names", "funcMigrationNames"},
		"add_2fa_to_users": {"m20260101_230405_add_2fa_to_users", "add2faToUsers"},
		"v2":               {"m20260101_230405_v2", "v2Migration"},
	} {
		args := []string{name}
		if strings.HasPrefix(name, "add") {
			args = append(args, "secret")
		}
		m, err := newMigration(folder(t, nil), args, migrationgen.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f := &gocode.File{Path: "x.go", Text: m.File.Text}
		if m.Name != want[0] || !f.Declares(want[1]) || !strings.Contains(string(m.List.Text), "\t"+want[1]+",\n") {
			t.Errorf("%s is %s:\n%s\n%s", name, m.Name, m.File.Text, m.List.Text)
		}
	}
}

// What is dropped comes back as the migrations before have it.
func TestTheWayBackOfWhatIsDropped(t *testing.T) {
	t.Parallel()
	const head = "package migrations\n\nvar X = migrate.Migration{\n\tUp: func(ctx context.Context, s *schema.Builder) error {\n"
	const tail = "\n\t},\n\tDown: func(ctx context.Context, s *schema.Builder) error {\n\t\treturn s.Table(ctx, \"posts\", func(t *schema.Table) { t.Text(\"title\") })\n\t},\n}\n"
	past := map[string]string{
		"m20250101_000000_a.go": head + "return s.Create(ctx, \"posts\", func(t *schema.Table) {\n\t// The key.\n\tt.ID()\n\tt.String(\"title\", 80)\n\tt.String(\"slug\", size)\n\tt.Text(\"body\")\n\tt.Text(\"note\")\n\tt.Index(\"title\")\n\tt.Index(\"title\", \"body\")\n})" + tail,
		"m20250102_000000_b.go": head + "return s.Table(ctx, \"posts\", func(t *schema.Table) {\n\tt.Bool(\"done\").Default(false)\n\tt.Text(\"note\").Nullable().Change()\n})" + tail,
		"m20250103_000000_c.go": head + "return s.Create(ctx, \"books\", func(t *schema.Table) { t.String(\"title\", 1) })" + tail,
	}
	for name, want := range map[string]struct{ down, note string }{
		"remove_done_from_posts":  {`return s.Table(ctx, "posts", { t.Bool("done").Default(false) })`, ""},
		"remove_title_from_posts": {`return s.Table(ctx, "posts", { t.String("title", 80) t.Index("title") })`, `Down does not bring back t.Index("title", "body")`},
		"remove_note_from_posts":  {``, "what note was is not in the migrations"},
		"remove_slug_from_posts":  {``, "what slug was is not in the migrations"},
		"remove_none_from_posts":  {``, "what none was is not in the migrations"},
		"drop_books_table":        {`return s.Create(ctx, "books", { t.String("title", 1) })`, ""},
		"drop_posts_table":        {``, "what posts was is not in the migrations"},
		"drop_users_table":        {``, "what users was is not in the migrations"},
	} {
		m, err := newMigration(folder(t, past), []string{name}, migrationgen.Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := body(m.File.Text, "Down"); got != want.down {
			t.Errorf("%s: Down is %s, want %s", name, got, want.down)
		}
		if notes := join(m.Notes); (want.note == "") != (notes == "") || !strings.Contains(notes, want.note) {
			t.Errorf("%s: notes %q, want %q", name, notes, want.note)
		}
	}
	past["m20250101_000000_a.go"] = strings.Replace(past["m20250101_000000_a.go"], "size", "9", 1)
	m, err := newMigration(folder(t, past), []string{"drop_posts_table"}, migrationgen.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(m.File.Text); !strings.Contains(got, "// The key.") || !strings.Contains(got, `t.String("slug", 9)`) {
		t.Errorf("the table comes back as\n%s", got)
	}
	if notes := join(m.Notes); notes != "Down does not have what changed in posts later, in m20250102_000000_b" {
		t.Errorf("notes %q", notes)
	}
}

func join(notes []migrationgen.Note) string {
	var list []string
	for _, n := range notes {
		list = append(list, n.Message)
	}
	return strings.Join(list, "\n")
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                  "is empty",
		"2fa":                               "does not begin with a letter",
		"../x":                              "has the character '.'",
		"add/x":                             "has the character '/'",
		"größe":                             "has the character 'ö'",
		strings.Repeat("a", 101):            "longer than 100 characters",
		"create_" + strings.Repeat("a", 41): "name of a table: it is longer than 40",
		"create_table":                      `"create_table" cannot be the name of a migration: it does not say which table`,
		"CreateTable title:string":          "does not say which table",
		"drop_table":                        "does not say which table",
		"add_slug_to_table slug":            "does not say which table",
		"create_kit_migrations_table":       `"kit_migrations" cannot be the name of a table: it begins with kit_`,
		"add_slug_to_sqlite_master slug":    "begins with sqlite_",
		"drop_pg_class_table":               "begins with pg_",
		"create_kits_table":                 "",
		"create_":                           "",
		"add_slug_to_posts":                 "no columns to add to posts",
		"backfill title:string":             "which table",
		"rename_a_to_b_in_posts a:text":     "keeps its type",
		"create_posts id:bigint":            "the column \"id\": each table gets it by itself",
	} {
		split := strings.Fields(args)
		if args == "" {
			split = []string{""}
		}
		_, err := newMigration(folder(t, nil), split, migrationgen.Options{})
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", args, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", args, err, want)
		}
	}
}

func TestAMigrationIsNotMadeTwice(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"a variable": {"posts.go": "package migrations\n\nvar createPostsTable = 1\n"},
		"a Go file":  {"m20250101_000000_create_posts_table.go": "package migrations\n"},
		"SQL":        {"m20250101_000000_create_posts_table.up.sql": ""},
	} {
		_, err := newMigration(folder(t, files), []string{"create_posts_table"}, migrationgen.Options{})
		if _, ok := errors.AsType[*migrationgen.ExistsError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newMigration(t.TempDir(), []string{"create_posts_table"}, migrationgen.Options{}); !errors.Is(err, gocode.ErrNoList) {
		t.Errorf("without a list: %v", err)
	}
	if _, err := newMigration(folder(t, map[string]string{"x.go": "package"}), []string{"create_posts_table"}, migrationgen.Options{}); err == nil {
		t.Error("a file that Go cannot read is no error")
	}
}

// A migration whose file was removed, but not its entry, has one entry again.
func TestAnEntryThatStayed(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"migrations.go": strings.Replace(list, "{}}", "{createPostsTable, other}}", 1)})
	m, err := newMigration(dir, []string{"create_posts_table"}, migrationgen.Options{})
	if err != nil || strings.Count(string(m.List.Text), "createPostsTable") != 1 {
		t.Errorf("%v:\n%s", err, m.List.Text)
	}
}
