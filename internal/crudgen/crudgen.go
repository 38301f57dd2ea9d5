// Package crudgen writes what people list, show, create, change and delete rows of a model
// with: a controller with its form, pages, and tests.
//
//	r, err := crudgen.New(crudgen.Options{Module: "shop", Models: "models", Draft: draft, Columns: list})
//	files, err := r.Files()
package crudgen

import (
	"bytes"
	"embed"
	"fmt"
	"go/format"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/modelgen"
)

//go:embed all:templates
var templates embed.FS

// Options are what a resource is made of.
type Options struct {
	Module  string // of the application
	Models  string // the folder of the models
	Draft   *modelgen.Draft
	Columns []columns.Column
	Layout  bool // the pages are in the component Layout
}

// Resource is what there are pages for. Its fields are for the templates.
type Resource struct {
	Module        string
	Model, Models string // Post, Posts
	One, Many     string // variables: post, posts
	Words         string // blog post
	ManyWords     string // blog posts
	Heading       string // Blog posts
	Path          string // blog-posts
	Table         string
	Form          string // the type of the form in Go; in TypeScript its first letter is a capital

	Fields     []*Field // of the form
	Shown      []*Field // on the page of one
	Listed     []*Field // in the list, after the title
	Title      string   // what one is called, in TypeScript
	TitleLabel string   // over the titles in the list
	Choices    []*choice
	Parents    []modelgen.Row // what the tests store before
	Secrets    []string       // the columns that no page has

	Unique bool // a rule of the form needs the id
	Rules  bool // a rule of the form asks the database
	Layout bool
}

// choice is the rows of another table that can be chosen.
type choice struct {
	*modelgen.Parent
	One, Many string // author, authors
	Type      string // of one of them, in Go
	Words     string // authors
	LabelJSON string
}

// ManyField is the field of the props in Go.
func (c *choice) ManyField() string { return capital(c.Many) }

// Labelled reports whether the rows are known by something else than their key.
func (c *choice) Labelled() bool { return c.Label != c.Key }

// New returns the resource of a draft.
func New(o Options) (*Resource, error) {
	models := modelgen.Pascal(o.Draft.Table)
	words := strings.ReplaceAll(modelgen.Snake(o.Draft.Model), "_", " ")
	many := strings.ReplaceAll(o.Draft.Table, "_", " ")
	r := &Resource{
		Module: o.Module, Model: o.Draft.Model, Models: models, One: variable(words, "Item"), Many: variable(many, "Items"),
		Words: words, ManyWords: many, Heading: capital(many), Path: strings.ReplaceAll(o.Draft.Table, "_", "-"), Table: o.Draft.Table,
		Form: camel(words) + "Form", Layout: o.Layout,
	}
	for i, c := range o.Columns {
		if err := r.add(o, c, o.Draft.Fields[i]); err != nil {
			return nil, err
		}
	}
	r.name()
	for _, c := range r.Choices {
		if c.Model == r.Model {
			continue
		}
		rows, err := modelgen.NewRows(o.Models, c.Model, func(model string) string { return variable(model, "Item") })
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if !slices.Contains(r.Parents, row) {
				r.Parents = append(r.Parents, row)
			}
		}
	}
	return r, nil
}

// add adds a column to the form and the pages.
func (r *Resource) add(o Options, c columns.Column, m modelgen.Field) error {
	f := &Field{Column: c, Name: m.Name, Type: m.Type, Key: m.JSON, Label: label(c.Name), One: r.One, Table: r.Table}
	switch {
	case m.JSON == "-":
		r.Secrets = append(r.Secrets, c.Name)
		return nil
	case c.SoftDelete():
		return nil // package database sets it
	case c.Type == columns.Reference && c.Table != "":
		if err := r.refer(o, f); err != nil {
			return err
		}
	}
	r.Shown = append(r.Shown, f)
	if c.IsNow() {
		return nil
	}
	r.Fields = append(r.Fields, f)
	r.Unique = r.Unique || c.Unique
	r.Rules = r.Rules || c.Unique || f.Choice != nil
	return nil
}

// refer gives the field of a key the rows that can be chosen.
func (r *Resource) refer(o Options, f *Field) error {
	parent, err := modelgen.NewParent(o.Models, f.Column.Table, o.Draft)
	if err != nil || parent == nil {
		return err
	}
	f.Relation = o.Draft.Relations[f.Column.Name]
	f.Label = label(strings.TrimSuffix(f.Column.Name, "_id"))
	i := slices.IndexFunc(r.Choices, func(c *choice) bool { return c.Model == parent.Model })
	if i < 0 {
		words := strings.ReplaceAll(modelgen.Snake(parent.Model), "_", " ")
		many := strings.ReplaceAll(f.Column.Table, "_", " ")
		c := &choice{
			Parent: parent, One: variable(words, "Item"), Many: variable(many, "Items"),
			Type: strings.TrimSuffix(r.Form, "Form") + parent.Model + "Choice", Words: many, LabelJSON: modelgen.Snake(parent.LabelColumn),
		}
		if c.Many == r.One || c.Many == c.One {
			c.Many += "Choices"
		}
		r.Choices = append(r.Choices, c)
		i = len(r.Choices) - 1
	}
	f.Choice = r.Choices[i]
	return nil
}

// name finds what one is called, and what the list shows of it.
func (r *Resource) name() {
	var title *Field
	rank := 3
	for _, f := range r.Fields {
		if f.Column.Type != columns.String || f.Column.Nullable {
			continue
		}
		if at := slices.Index([]string{"name", "title"}, f.Column.Name); at >= 0 && at < rank {
			rank, title = at, f
		} else if title == nil {
			title = f
		}
	}
	r.Title, r.TitleLabel = fmt.Sprintf("`%s ${%s.id}`", capital(r.Words), r.One), capital(r.Words)
	if title != nil {
		r.TitleLabel = title.Label
		r.Title = r.One + "." + title.Key
		r.Shown = slices.DeleteFunc(r.Shown, func(f *Field) bool { return f == title })
	}
	for _, f := range r.Shown {
		if t := f.Column.Type; t != columns.Text && t != columns.JSON && len(r.Listed) < 4 {
			r.Listed = append(r.Listed, f)
		}
	}
}

// Constructor returns the call that makes the controller.
func (r *Resource) Constructor(pkg, db, pages string) string {
	return fmt.Sprintf("%s.New%s(%s, %s)", pkg, r.Models, db, pages)
}

// Declared returns the names that the controller declares.
func (r *Resource) Declared() []string {
	list := []string{r.Models, "New" + r.Models, r.Form}
	for _, page := range []string{"Index", "Show", "Create", "Edit"} {
		list = append(list, r.Props(page))
	}
	for _, c := range r.Choices {
		list = append(list, c.Type)
	}
	return list
}

// Props returns the Go type of the props of a page.
func (r *Resource) Props(page string) string {
	return strings.TrimSuffix(r.Form, "Form") + page + "Props"
}

// TSForm returns the type of the form in TypeScript.
func (r *Resource) TSForm() string { return capital(r.Form) }

// ChoiceNames returns the props with the rows that can be chosen.
func (r *Resource) ChoiceNames() string {
	var list []string
	for _, c := range r.Choices {
		list = append(list, c.Many)
	}
	return strings.Join(list, ", ")
}

// Article returns the words for one, with "a" or "an".
func (r *Resource) Article() string {
	if strings.ContainsAny(r.Words[:1], "aeiou") && !strings.HasPrefix(r.Words, "us") {
		return "an " + r.Words
	}
	return "a " + r.Words
}

// OneField and ManyField are the fields of the props in Go.
func (r *Resource) OneField() string { return capital(r.One) }

// ManyField is the one of the list.
func (r *Resource) ManyField() string { return capital(r.Many) }

// HasField reports whether a control of the form is in the component Field.
func (r *Resource) HasField() bool {
	return slices.ContainsFunc(r.Fields, func(f *Field) bool { return f.Input() != "checkbox" })
}

// Relations returns the fields for the rows that a row belongs to.
func (r *Resource) Relations() []string {
	var list []string
	for _, f := range r.Shown {
		if f.Choice != nil {
			list = append(list, f.Relation.Name)
		}
	}
	return list
}

// Open and Close are the tags around a page.
func (r *Resource) Open() string { return "<" + r.frame() + ">" }

// Close is the other one.
func (r *Resource) Close() string { return "</" + r.frame() + ">" }

func (r *Resource) frame() string {
	if r.Layout {
		return "Layout"
	}
	return ""
}

// File is a file that does not exist yet, by its path in the application.
type File struct {
	Path string
	Text []byte
}

// Files returns the controller, the test and the pages.
func (r *Resource) Files() ([]File, error) {
	pages := "frontend/src/pages/" + r.Models + "/"
	controller := strings.ReplaceAll(r.Path, "-", "_")
	if gocode.LeavesOut(controller) {
		controller += "_controller"
	}
	test := strings.ReplaceAll(r.Path, "-", "_")
	if gocode.LeavesOut(test) {
		test += "_pages"
	}
	var files []File
	for _, f := range [][2]string{
		{"controllers/" + controller + ".go", "controller.go"}, {test + "_test.go", "test.go"},
		{pages + "Index.tsx", "Index.tsx"}, {pages + "Show.tsx", "Show.tsx"}, {pages + "Create.tsx", "Create.tsx"},
		{pages + "Edit.tsx", "Edit.tsx"}, {pages + "Form.tsx", "Form.tsx"},
	} {
		text, err := r.render(f[1])
		if err != nil {
			return nil, err
		}
		files = append(files, File{f[0], text})
	}
	return files, nil
}

func (r *Resource) render(name string) ([]byte, error) {
	t, err := template.New("").Delims("[[", "]]").ParseFS(templates, "templates/_*.tmpl", "templates/"+name+".tmpl")
	if err != nil {
		return nil, fmt.Errorf("read the template of %s: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name+".tmpl", r); err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	if path.Ext(name) != ".go" {
		return b.Bytes(), nil
	}
	text, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("format %s: %w", name, err)
	}
	return text, nil
}

// Component is a component that the pages of all resources share.
type Component struct {
	File
	// Export is what is in the file if it is this component.
	Export string
}

// Components returns the components that the pages use.
func Components() ([]Component, error) {
	var list []Component
	for _, c := range [][2]string{
		{"Field.tsx", "function Field("}, {"Notice.tsx", "function Notice("}, {"Pagination.tsx", "function Pagination("}, {"buttons.ts", "export const primary"},
	} {
		text, err := templates.ReadFile("templates/components/" + c[0] + ".tmpl")
		if err != nil {
			return nil, err
		}
		list = append(list, Component{File{"frontend/src/components/" + c[0], text}, c[1]})
	}
	return list, nil
}
