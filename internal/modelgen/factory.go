package modelgen

import (
	"cmp"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/kitgo/kit/internal/gocode"
)

// NoModelError says that there is no model of a name.
type NoModelError struct{ Name string }

// Error names it.
func (e *NoModelError) Error() string { return "there is no model " + e.Name }

// NoParentError says that rows of a model belong to those of one that has no factory.
type NoParentError struct{ Model, Parent string }

// Error names both.
func (e *NoParentError) Error() string {
	return fmt.Sprintf("%s belongs to %s, which has no factory", e.Model, e.Parent)
}

// NewFactory returns the factory of a model, and its test, for the application with a
// module in dir: they are in its folder factories. The model may be one of those that are
// planned. The errors are a [*NameError], an
// [*ExistsError], a [*NoModelError], a [*NoParentError], a [*SyntaxError] and a
// [*gocode.SyntaxError].
func NewFactory(dir, module, name string, planned ...*Draft) (*Factory, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	model := modelName(TableName(name))
	structs, err := readStructs(filepath.Join(dir, "models"))
	if err == nil {
		err = structs.plan(planned)
	}
	if err != nil {
		return nil, err
	}
	if _, ok := structs.fields[model]; !ok {
		return nil, &NoModelError{model}
	}
	f := factory{structs: structs, model: model, folder: filepath.Join(dir, "factories"), module: module}
	f.variable = pluralName(model)
	there, err := gocode.DeclaredIn(f.folder, f.variable, "")
	if err != nil {
		return nil, err
	}
	if there != "" {
		return nil, &ExistsError{"the factory " + f.variable, there}
	}
	if f.pkg, err = packageOf(f.folder); err != nil {
		return nil, err
	}
	source, err := f.source()
	if err != nil {
		return nil, err
	}
	stem := filepath.Join(f.folder, strings.TrimSuffix(ownFile(f.variable), ".go"))
	return &Factory{Path: stem + ".go", Source: source, TestPath: stem + "_test.go", Test: f.test()}, nil
}

// Factory is a factory of a model that is not written yet, and its test.
type Factory struct {
	Path, TestPath string
	Source, Test   []byte
}

// packageOf returns the name of the package in a folder; without one, that of factories.
func packageOf(folder string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := gocode.Read(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		return file.Package(), nil
	}
	return "factories", nil
}

type factory struct {
	*structs
	model, variable     string
	folder, pkg, module string
}

// parent is a row that each row of the model belongs to.
type parent struct{ model, field, typ, key string }

func (f *factory) source() ([]byte, error) {
	var values strings.Builder
	parents := f.parents()
	foreign := map[string]bool{}
	for _, p := range parents {
		foreign[p.field] = true
	}
	uses := ""
	for _, c := range f.fields[f.model] {
		if foreign[c.name] {
			continue
		}
		if v := f.invent(c); v != "" {
			fmt.Fprintf(&values, "%s: %s,\n", c.name, v)
			uses += v
		}
	}
	parameter, body := "f", fmt.Sprintf("%s.%s{\n%s}", f.structs.pkg, f.model, values.String())
	if values.Len() == 0 {
		parameter, body = "_", fmt.Sprintf("%s.%s{}", f.structs.pkg, f.model)
	}
	value := fmt.Sprintf("factory.New(func(%s *factory.Fake) %s.%s {\nreturn %s\n})", parameter, f.structs.pkg, f.model, body)
	doc := fmt.Sprintf("// %s makes rows of %s with invented data.", f.variable, f.model)
	if len(parents) > 0 {
		doc += " Those that a row belongs to are\n// made with it, unless it has their keys."
	}
	for _, p := range parents {
		there, err := gocode.DeclaredIn(f.folder, pluralName(p.model), "")
		if err != nil {
			return nil, err
		}
		if there == "" {
			return nil, &NoParentError{f.model, p.model}
		}
		value = fmt.Sprintf("factory.BelongsTo(\n%s,\n%s,\nfunc(row *%[3]s.%[4]s) *%[5]s { return &row.%[6]s },\nfunc(parent *%[3]s.%[7]s) %[5]s { return parent.%[8]s },\n)",
			value, pluralName(p.model), f.structs.pkg, f.model, p.typ, p.field, p.model, p.key)
	}
	var standard string
	for _, path := range []string{"encoding/json", "fmt", "time"} {
		if strings.Contains(uses, path[strings.LastIndex(path, "/")+1:]+".") {
			standard += fmt.Sprintf("%q\n", path)
		}
	}
	source, err := format.Source(fmt.Appendf(nil, "package %s\n\nimport (\n%s\n\"github.com/kitgo/kit/database/factory\"\n\n%q\n)\n\n%s\nvar %s = %s\n",
		f.pkg, standard, f.module+"/models", doc, f.variable, value))
	if err != nil {
		return nil, fmt.Errorf("write the factory of %s: %w", f.model, err)
	}
	return source, nil
}

// parents returns the rows that a row of the model cannot be without: what its fields
// belong to, unless the key is a pointer, or the row is one of the same table.
func (f *factory) parents() []parent {
	var list []parent
	for _, c := range f.fields[f.model] {
		join, ok := strings.CutPrefix(c.relation, "belongs-to,join:")
		left, right, single := strings.Cut(join, "=")
		if !ok || !single || strings.Contains(right, ",") {
			continue
		}
		model := strings.TrimPrefix(c.typ, "*")
		key, parentKey := f.column(f.model, left), f.column(model, right)
		if key == nil || parentKey == nil || model == f.model || key.typ != parentKey.typ || key.typ != strings.TrimPrefix(key.typ, "*") {
			continue
		}
		list = append(list, parent{model, key.name, f.qualified(key.typ), parentKey.name})
	}
	return list
}

func (f *factory) test() []byte {
	text := `package PACKAGE_test

import (
	"testing"

	"github.com/kitgo/kit/kittest"

	"MODULE/factories"
	"MODULE/migrations"
	"MODULE/models"
)

func TestVARIABLE(t *testing.T) {
	t.Parallel()
	db := kittest.DB(t, migrations.All)
	if _, err := PACKAGE.VARIABLE.CreateMany(t.Context(), db, 3); err != nil {
		t.Fatal(err)
	}
	kittest.AssertHas[MODELS.MODEL](t, db, "")
}
`
	return []byte(strings.NewReplacer("PACKAGE", f.pkg, "MODULE", f.module, "VARIABLE", f.variable, "MODELS", cmp.Or(f.structs.pkg, "models"), "MODEL", f.model).Replace(text))
}
