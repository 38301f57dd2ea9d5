package crudgen_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/crudgen"
	"github.com/kitgo/kit/internal/modelgen"
)

// files returns what is written for columns, by the path.
func files(t *testing.T, name string, args ...string) map[string]string {
	t.Helper()
	models := t.TempDir()
	source := "package models\n\ntype Author struct {\n\tID int64 `bun:\"id,pk,autoincrement\"`\n\tRole Role `bun:\"role\"`\n\tFullName string `bun:\"full_name\"`\n}\n\n" +
		"type Role string\n\nconst Admin Role = \"admin\"\n"
	if err := os.WriteFile(filepath.Join(models, "author.go"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := columns.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	draft, err := modelgen.NewDraft(models, name, columns.Draft(list))
	if err != nil {
		t.Fatal(err)
	}
	r, err := crudgen.New(crudgen.Options{Module: "shop", Models: models, Draft: draft, Columns: list, Layout: true})
	if err != nil {
		t.Fatal(err)
	}
	all, err := r.Files()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range all {
		texts[f.Path] = string(f.Text)
		if strings.HasSuffix(f.Path, ".go") {
			if _, err := parser.ParseFile(token.NewFileSet(), f.Path, f.Text, 0); err != nil {
				t.Error(err)
			}
		}
	}
	return texts
}

func TestWhatColumnsBecome(t *testing.T) {
	t.Parallel()
	for column, want := range map[string][3]string{ // in the form in Go, in the form of the page, and on the page
		"title:string:20:unique":             {"Title string `json:\"title\" validate:\"required,max=20,unique=posts.title id!=ID\"`", "maxLength={20}", "{post.title}"},
		"contact_email:string:nullable":      {"ContactEmail *string `json:\"contact_email\" validate:\"max=255\"`", `type="email"`, "{post.contact_email}"},
		"text:text":                          {"Text string `json:\"text\" validate:\"required\"`", "value={data.text}", `whitespace-pre-wrap">{post.text}`},
		"count:integer:default=3":            {"`json:\"count\" validate:\"required,between=-2147483648 2147483647\"`", "count: post?.count ?? 3", "{post.count}"},
		"price:decimal:4,2":                  {"matches='^-?[0-9]{1,2}([.][0-9]{1,2})?$'\" message:\"The price must be a number such as 0.55.\"", `inputMode="decimal"`, "{post.price}"},
		"share:decimal:2,2:nullable":         {"Share *string `json:\"share\" validate:\"matches='^-?[0-9]{1,1}([.][0-9]{1,2})?$'\"", "setData('share', event.target.value || null)", "{post.share}"},
		"done:bool:default=true":             {"Done bool `json:\"done\"`", "done: post?.done ?? true", "{post.done ? 'Yes' : 'No'}"},
		"loud:bool:nullable":                 {"Loud *bool `json:\"loud\"`", `<option value="false">No</option>`, "{post.loud !== null && (post.loud ? 'Yes' : 'No')}"},
		"on:date":                            {"On time.Time `json:\"on\" validate:\"required\"`", "on: post?.on?.slice(0, 10) ?? null", "new Date(post.on).toLocaleDateString"},
		"starts:timestamp:nullable":          {"Starts *time.Time `json:\"starts\"`", `label="Starts (UTC) (optional)"`, "{post.starts && new Date(post.starts).toLocaleString"},
		"mood:enum:a<b,it's,so 'so'":         {`oneof=a<b 'it''s' 'so ''so'''`, "<option value=\"a<b\">{'A<b'}</option>", "{post.mood}"},
		"meta:json:nullable":                 {"Meta *string `json:\"meta\" validate:\"json\"`", "meta: post?.meta ? JSON.stringify(post.meta, null, 2) : null", "{JSON.stringify(post.meta, null, 2)}"},
		"author:references":                  {"AuthorID int64 `json:\"author_id\" label:\"author\" validate:\"required,exists=authors.id\"`", "{author.full_name}", "{post.author?.FullName}"},
		"editor:references:authors:nullable": {"EditorID *int64 `json:\"editor_id\" label:\"editor\" validate:\"exists=authors.id\"`", `<option value="">None</option>`, "{post.editor?.FullName}"},
	} {
		all := files(t, "posts", column)
		controller := strings.Join(strings.Fields(all["controllers/posts.go"]), " ")
		// The only text is what the row is called.
		shown := all["frontend/src/pages/Posts/Show.tsx"]
		for what, text := range map[string]string{want[0]: controller, want[1]: all["frontend/src/pages/Posts/Form.tsx"], want[2]: shown} {
			if !strings.Contains(text, what) {
				t.Errorf("%s: there is no %s in\n%s", column, what, text)
			}
		}
	}
}

// What says when a row was deleted is package database's: no form has it.
func TestSoftDeletesAreNotInForms(t *testing.T) {
	t.Parallel()
	for _, typ := range []string{"timestamp", "datetime", "date"} {
		for path, text := range files(t, "posts", "title:string", "deleted_at:"+typ+":nullable") {
			if strings.Contains(strings.ToLower(text), "deleted_at") {
				t.Errorf("%s: %s has it:\n%s", typ, path, text)
			}
		}
	}
	if form := files(t, "posts", "title:string", "deleted_at:timestamp")["controllers/posts.go"]; !strings.Contains(form, "DeletedAt") {
		t.Errorf("a time that is not null is not in the form:\n%s", form)
	}
}

// Names that Go, TypeScript or the templates use are avoided.
func TestNamesThatAreTaken(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"types": "typeItem", "classes": "classItem", "pages": "pageItem", "forms": "formItem", "api_keys": "apiKey", "news": "news", "blog_posts": "blogPost",
	} {
		all := files(t, name, "title:string", "author:references")
		found := false
		for path, text := range all {
			found = found || strings.HasSuffix(path, "/Show.tsx") && strings.Contains(text, "function Show({ "+want+" }")
		}
		if !found {
			t.Errorf("%s is not called %s", name, want)
		}
	}
}

// The tests store what rows refer to: an enumeration has one of its values.
func TestRowsOfTests(t *testing.T) {
	t.Parallel()
	test := files(t, "posts", "title:string", "author:references", "editor:references:authors")["posts_test.go"]
	if want := `author := models.Author{Role: models.Admin, FullName: "full name"}`; strings.Count(test, want) != 1 || strings.Count(test, "author.ID") != 2 {
		t.Errorf("not once %s in\n%s", want, test)
	}
}
