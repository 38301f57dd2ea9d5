package columns

import (
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/modelgen"
)

// CheckTable reports a column that each table gets by itself. The error is an [*Error].
func CheckTable(list []Column) error {
	for _, c := range list {
		switch c.Name {
		case "id", "created_at", "updated_at":
			return &Error{c.Name, "each table gets it by itself", "leave it out"}
		}
	}
	return nil
}

// Draft returns the columns as those of a model, and the keys among them.
func Draft(list []Column) modelgen.DraftOptions {
	var o modelgen.DraftOptions
	for _, c := range list {
		o.Columns = append(o.Columns, c.model())
		if c.Table != "" {
			o.ForeignKeys = append(o.ForeignKeys, modelgen.ForeignKey{Columns: []string{c.Name}, Table: c.Table, References: []string{"id"}})
		}
	}
	return o
}

// SoftDelete reports whether package database sets the column when a row is deleted.
func (c Column) SoftDelete() bool {
	m := c.model()
	return m.SoftDelete()
}

// model returns the column as that of a model.
func (c Column) model() modelgen.Column {
	return modelgen.Column{Name: c.Name, Kind: c.Type.kind, Nullable: c.Nullable, Values: c.Values, Default: c.modelDefault()}
}

// modelDefault returns the default in the notation of package modelgen.
func (c Column) modelDefault() string {
	switch {
	case c.Default == now && c.Type.kind == modelgen.Time:
		return modelgen.Now
	case c.Default == now:
		return modelgen.Computed
	case c.Type.kind == modelgen.Text || c.Type.kind == modelgen.Enum:
		if text, err := strconv.Unquote(c.Default); err == nil && !strings.ContainsAny(text, "\",:()\\`\r\n") {
			return "'" + strings.ReplaceAll(text, "'", "''") + "'"
		}
		if c.Default != "" {
			return modelgen.Computed
		}
	}
	return c.Default
}
