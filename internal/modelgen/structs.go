package modelgen

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// structs is the structs in the folder of the models, and the constants of its types.
type structs struct {
	pkg       string
	fields    map[string][]modelField // by struct
	constants map[string][]string     // by type
}

// modelField is a field of a struct that stands for a column or a relation.
type modelField struct {
	name, column, typ string
	json              string   // what it is called in JSON; "-" if it is not there
	relation          string   // of bun's tag, what follows rel:
	options           []string // of bun's tag
}

func (f modelField) has(option string) bool {
	return slices.ContainsFunc(f.options, func(o string) bool { return o == option || strings.HasPrefix(o, option+":") })
}

func readStructs(dir string) (*structs, error) {
	s := &structs{pkg: "models", fields: map[string][]modelField{}, constants: map[string][]string{}}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the models: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if err := s.readFile(filepath.Join(dir, e.Name()), nil); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// readFile reads a file, or a source that will be one.
func (s *structs) readFile(path string, source any) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, source, parser.SkipObjectResolution)
	if err != nil {
		return &SyntaxError{path, err}
	}
	s.pkg = file.Name.Name
	for _, d := range file.Decls {
		if g, ok := d.(*ast.GenDecl); ok {
			s.read(g)
		}
	}
	return nil
}

// plan reads the models that will be there, too.
func (s *structs) plan(drafts []*Draft) error {
	for _, d := range drafts {
		if err := s.readFile(d.Path, d.Source); err != nil {
			return err
		}
	}
	return nil
}

func (s *structs) read(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if t, ok := spec.Type.(*ast.StructType); ok {
				s.fields[spec.Name.Name] = readFields(t)
			}
		case *ast.ValueSpec:
			if t, ok := spec.Type.(*ast.Ident); ok && d.Tok == token.CONST {
				for _, n := range spec.Names {
					s.constants[t.Name] = append(s.constants[t.Name], n.Name)
				}
			}
		}
	}
}

func readFields(t *ast.StructType) []modelField {
	list := []modelField{}
	for _, f := range t.Fields.List {
		var tag, json string
		if f.Tag != nil {
			text, _ := strconv.Unquote(f.Tag.Value) // the parser has read it
			tag = reflect.StructTag(text).Get("bun")
			json, _, _ = strings.Cut(reflect.StructTag(text).Get("json"), ",")
		}
		column, rest, _ := strings.Cut(tag, ",")
		for _, n := range f.Names {
			switch relation, ok := strings.CutPrefix(tag, "rel:"); {
			case !n.IsExported() || column == "-":
			case ok:
				list = append(list, modelField{name: n.Name, typ: gotypes.ExprString(f.Type), relation: relation})
			case !strings.HasPrefix(tag, "m2m:"):
				if column == "" {
					column = underscore(n.Name)
				}
				list = append(list, modelField{
					name: n.Name, column: column, typ: gotypes.ExprString(f.Type), json: cmp.Or(json, n.Name), options: strings.Split(rest, ","),
				})
			}
		}
	}
	return list
}

// column returns the field of a column; nil if there is none.
func (s *structs) column(model, column string) *modelField {
	for i, f := range s.fields[model] {
		if f.column == column {
			return &s.fields[model][i]
		}
	}
	return nil
}

// qualified returns a type as other packages write it.
func (s *structs) qualified(typ string) string {
	if gotypes.Universe.Lookup(typ) == nil && token.IsExported(typ) {
		return s.pkg + "." + typ
	}
	return typ
}
