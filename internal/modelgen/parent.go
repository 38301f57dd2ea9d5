package modelgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parent is a model whose rows others belong to.
type Parent struct {
	Model string
	// Key is the field of the primary key id, and Label the one that people know a row by;
	// it is the key where there is none such as a name.
	Key, Label Field
	// LabelColumn is the column of the label.
	LabelColumn string
}

// labels are the columns that people know a row by, the best first.
var labels = strings.Fields("name title label full_name display_name subject headline email username login code slug")

// NewParent returns the model of a table in a folder, or of a draft; nil if there is none,
// or its key is no int64.
func NewParent(dir, table string, planned ...*Draft) (*Parent, error) {
	s, err := readStructs(dir)
	if err == nil {
		err = s.plan(planned)
	}
	if err != nil {
		return nil, err
	}
	p := &Parent{Model: modelName(table)}
	key := s.column(p.Model, "id")
	if key == nil || key.typ != "int64" || key.json == "-" {
		return nil, nil
	}
	p.Key = Field{key.name, key.typ, key.json}
	p.Label, p.LabelColumn = p.Key, key.column
	rank := len(labels) + 1
	for _, f := range s.fields[p.Model] {
		if f.typ != "string" || f.json == "-" || f.relation != "" {
			continue
		}
		r := slices.Index(labels, f.column)
		if r < 0 {
			r = len(labels)
		}
		if r < rank {
			rank, p.Label, p.LabelColumn = r, Field{f.name, f.typ, f.json}, f.column
		}
	}
	return p, nil
}

// Row is a row for a test, as Go.
type Row struct {
	Model    string
	Variable string
	Literal  string // such as models.Post{Title: "title", AuthorID: author.ID}
}

// NewRows returns a row of a model, after those that it cannot be without, in the order in
// which they are stored. name says how a variable is called.
func NewRows(dir, model string, name func(model string) string) ([]Row, error) {
	s, err := readStructs(dir)
	if err != nil {
		return nil, err
	}
	r := rows{structs: s, name: name}
	r.add(model)
	return r.list, nil
}

type rows struct {
	*structs
	name func(model string) string
	list []Row
	seen []string
}

// add adds a row of a model and returns its variable.
func (r *rows) add(model string) string {
	variable := r.name(model)
	if slices.Contains(r.seen, model) {
		return variable
	}
	r.seen = append(r.seen, model)
	keys := map[string]string{}
	f := factory{structs: r.structs, model: model}
	for _, p := range f.parents() {
		keys[p.field] = r.add(p.model) + "." + p.key
	}
	var values []string
	for _, c := range r.fields[model] {
		value := keys[c.name]
		if value == "" {
			value = r.sample(c)
		}
		if value != "" {
			values = append(values, c.name+": "+value)
		}
	}
	r.list = append(r.list, Row{model, variable, fmt.Sprintf("%s.%s{%s}", r.pkg, model, strings.Join(values, ", "))})
	return variable
}

// sample returns a value for a field that a row cannot be without: what zero is no value
// for.
func (r *rows) sample(f modelField) string {
	if f.relation != "" || f.has("default") || f.has("scanonly") || f.has("autoincrement") {
		return ""
	}
	switch f.typ {
	case "time.Time":
		if f.column == "created_at" || f.column == "updated_at" {
			return "" // package database sets them
		}
		return "time.Now().UTC()"
	case "string":
		if inventString(f, false) == decimal {
			return strconv.Quote("1.50")
		}
		return strconv.Quote(strings.Join(words(f.column), " "))
	case "json.RawMessage", "[]byte":
		return f.typ + "(`{}`)"
	}
	if constants := r.constants[f.typ]; len(constants) > 0 {
		return r.pkg + "." + constants[0]
	}
	return ""
}
