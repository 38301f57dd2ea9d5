package migrationgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/columns"
)

// draft is a migration in the making.
type draft struct {
	title
	columns []columns.Column
	dir     string
	notes   []Note
}

func (d *draft) note(advice, format string, args ...any) {
	d.notes = append(d.notes, Note{fmt.Sprintf(format, args...), advice})
}

// bodies returns the bodies of Up and of Down, which is empty when nothing is known of it.
func (d *draft) bodies() (up, down string, err error) {
	if err := d.check(); err != nil {
		return "", "", err
	}
	dropTable := fmt.Sprintf("return s.Drop(ctx, %q)", d.table)
	switch d.change {
	case create:
		return d.createTable(), dropTable, nil
	case drop:
		return dropTable, d.recreate(), nil
	case add:
		return d.changeTable(d.definitions()), d.changeTable(d.dropColumns()), nil
	case remove:
		down = d.restore()
		return d.changeTable(d.dropColumns()), down, nil
	case rename:
		line := func(from, to string) []string { return []string{fmt.Sprintf("t.RenameColumn(%q, %q)", from, to)} }
		return d.changeTable(line(d.column, d.renameTo)), d.changeTable(line(d.renameTo, d.column)), nil
	default:
		d.note("write them with s.Create, s.Table and s.Exec", "the name says nothing about what changes, so Up and Down are empty")
		return "return nil", "return nil", nil
	}
}

// check reports columns that the change has no use for, or too few.
func (d *draft) check() error {
	switch {
	case d.change == blank && len(d.columns) > 0:
		return &ColumnsError{"the name does not say which table the columns are for", "add --table NAME or --create NAME, or choose a name such as add_" + d.columns[0].Name + "_to_posts"}
	case d.change == rename && len(d.columns) > 0:
		return &ColumnsError{"a column that is renamed keeps its type", "leave out " + d.columns[0].Name}
	case d.change == add && len(d.columns) == 0:
		example := d.column
		if example == "" {
			example = "title"
		}
		return &ColumnsError{"there are no columns to add to " + d.table, "say which, such as " + example + ":string"}
	case d.change == remove && len(d.columns) == 0:
		list, err := columns.Parse([]string{d.column})
		if err != nil {
			return err
		}
		d.columns = list
	}
	if d.change == create || d.change == drop {
		return columns.CheckTable(d.columns)
	}
	return nil
}

func (d *draft) createTable() string {
	lines := slices.Concat([]string{"t.ID()"}, d.definitions(), []string{"t.Timestamps()"})
	return fmt.Sprintf("return s.Create(ctx, %q, func(t *schema.Table) {\n%s\n})", d.table, strings.Join(lines, "\n"))
}

func (d *draft) changeTable(lines []string) string {
	return fmt.Sprintf("return s.Table(ctx, %q, func(t *schema.Table) {\n%s\n})", d.table, strings.Join(lines, "\n"))
}

func (d *draft) definitions() []string {
	var lines []string
	for _, c := range d.columns {
		lines = append(lines, c.Definition("t"))
		if d.change == add && !c.Nullable && c.Default == "" {
			d.note("give it nullable or default=VALUE if the table has rows", "rows that are there have no value for %s", c.Name)
		}
	}
	return lines
}

func (d *draft) dropColumns() []string {
	var names []string
	for _, c := range d.columns {
		names = append(names, strconv.Quote(c.Name))
	}
	return []string{"t.DropColumn(" + strings.Join(names, ", ") + ")"}
}

// restore returns the way back of dropped columns: as they are given, else as the
// migrations before have them.
func (d *draft) restore() string {
	past, err := readPast(d.dir, d.table)
	if err != nil {
		d.note("", "%v", err)
		return ""
	}
	var lines, names []string
	for _, c := range d.columns {
		names = append(names, c.Name)
	}
	for _, c := range d.columns {
		if c.Typed() {
			lines = append(lines, c.Definition("t"))
			continue
		}
		line, ok := past.columns[c.Name]
		if !ok {
			d.note("give its type, such as "+c.Name+":string, or write Down", "the migration has no Down: what %s was is not in the migrations", c.Name)
			return ""
		}
		lines = append(lines, line)
	}
	for _, index := range past.indexes {
		switch {
		case !slices.ContainsFunc(index.columns, func(c string) bool { return slices.Contains(names, c) }):
		case slices.ContainsFunc(index.columns, func(c string) bool { return !slices.Contains(names, c) }):
			d.note("see whether it goes with the column, and complete Down", "Down does not bring back %s", index.text)
		default:
			lines = append(lines, index.text)
		}
	}
	return d.changeTable(lines)
}

// recreate returns the way back of a dropped table.
func (d *draft) recreate() string {
	if len(d.columns) > 0 {
		return d.createTable()
	}
	past, err := readPast(d.dir, d.table)
	if err != nil {
		d.note("", "%v", err)
		return ""
	}
	if past.create == "" {
		d.note("give its columns, such as title:string, or write Down", "the migration has no Down: what %s was is not in the migrations", d.table)
		return ""
	}
	if len(past.changed) > 0 {
		d.note("complete Down", "Down does not have what changed in %s later, in %s", d.table, strings.Join(past.changed, ", "))
	}
	return fmt.Sprintf("return s.Create(ctx, %q, func(t *schema.Table) {%s})", d.table, past.create)
}
