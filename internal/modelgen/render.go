package modelgen

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strconv"
	"strings"
)

// render returns the file of a model that belongs to Kit.
func (m *model) render(pkg string) ([]byte, error) {
	return m.source(header + "\n\npackage " + pkg)
}

// source returns the file of a model with its first lines.
func (m *model) source(first string) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n", first)
	base := bunTable(m.name) != m.table.Name
	m.renderImports(&b, base)
	fmt.Fprintf(&b, "// %s is a row of the table %s.\n", m.name, inComment(m.table.Name))
	for _, name := range m.omitted {
		fmt.Fprintf(&b, "// It has no field for the column %s, whose name bun cannot write.\n", inComment(name))
	}
	fmt.Fprintf(&b, "type %s struct {\n", m.name)
	if base {
		fmt.Fprintf(&b, "bun.BaseModel %s\n\n", field{bun: "table:" + tableTag(m.table.Name)}.tag())
	}
	renderFields(&b, m.fields)
	if len(m.relations) > 0 {
		b.WriteString("\n")
		renderFields(&b, m.relations)
	}
	b.WriteString("}\n")
	for _, e := range m.enums {
		fmt.Fprintf(&b, "\n// %s is a value of %s.%s.\ntype %[1]s string\n\n// The values of %[1]s.\nconst (\n", e.name, inComment(m.table.Name), inComment(e.column))
		for _, c := range e.constants {
			fmt.Fprintf(&b, "%s %s = %s\n", c[0], e.name, strconv.Quote(c[1]))
		}
		b.WriteString(")\n")
	}
	source, err := format.Source(b.Bytes())
	if err != nil {
		return nil, fmt.Errorf("write the model of table %s: %w", m.table.Name, err)
	}
	return source, nil
}

func renderFields(b *bytes.Buffer, fields []field) {
	for _, f := range fields {
		if f.comment != "" {
			fmt.Fprintf(b, "// %s\n", f.comment)
		}
		fmt.Fprintf(b, "%s %s %s\n", f.name, f.typ, f.tag())
	}
}

func (m *model) renderImports(b *bytes.Buffer, base bool) {
	uses := func(what string) bool {
		return slices.ContainsFunc(m.fields, func(f field) bool { return strings.Contains(f.typ, what) })
	}
	var paths []string
	if uses("json.") {
		paths = append(paths, `"encoding/json"`)
	}
	if uses("time.") {
		paths = append(paths, `"time"`)
	}
	if base {
		if len(paths) > 0 {
			paths = append(paths, "") // apart from the standard library
		}
		paths = append(paths, `"github.com/uptrace/bun"`)
	}
	switch len(paths) {
	case 0:
	case 1:
		fmt.Fprintf(b, "import %s\n\n", paths[0])
	default:
		fmt.Fprintf(b, "import (\n%s\n)\n\n", strings.Join(paths, "\n"))
	}
}

func tableTag(name string) string {
	if strings.ContainsAny(name, `",:()`) {
		return strconv.Quote(name)
	}
	return name
}

// inComment returns a name as it can stand in a comment.
func inComment(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, name)
}

// renderOwn returns the file of a model that belongs to the user.
func (m *model) renderOwn(pkg string) []byte {
	return fmt.Appendf(nil, `package %s

// The methods of %s go here. Kit made this file once and never changes it; the fields
// come from the table %s, by kit db:sync.
`, pkg, m.name, inComment(m.table.Name))
}
