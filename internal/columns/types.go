package columns

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/modelgen"
	"github.com/kitgo/kit/internal/nearest"
)

// Type is what a column holds. The types are the variables of this package.
type Type struct{ *typ }

type typ struct {
	name      string
	method    string // of schema.Table
	argument  string // an example of the type with what it is given; "" for none
	indexable bool
	kind      modelgen.Kind
	// literal returns a default as it is written in Go, and whether it fits; nil where
	// there is no default on every database.
	literal func(string) (string, bool)
}

// The types of columns.
var (
	String    = Type{&typ{"string", "String", "string:200", true, modelgen.Text, quoted}}
	Char      = Type{&typ{"char", "Char", "char:2", true, modelgen.Text, quoted}}
	Text      = Type{&typ{"text", "Text", "", false, modelgen.Text, nil}}
	Integer   = Type{&typ{"integer", "Integer", "", true, modelgen.Int, whole}}
	BigInt    = Type{&typ{"bigint", "BigInteger", "", true, modelgen.Int, whole}}
	SmallInt  = Type{&typ{"smallint", "SmallInteger", "", true, modelgen.Int, whole}}
	Decimal   = Type{&typ{"decimal", "Decimal", "decimal:10,2", true, modelgen.Decimal, number}}
	Float     = Type{&typ{"float", "Float", "", true, modelgen.Float, number}}
	Bool      = Type{&typ{"bool", "Bool", "", true, modelgen.Bool, truth}}
	Date      = Type{&typ{"date", "Date", "", true, modelgen.Time, instant}}
	DateTime  = Type{&typ{"datetime", "DateTime", "", true, modelgen.Time, instant}}
	Time      = Type{&typ{"time", "Time", "", true, modelgen.Text, instant}}
	Timestamp = Type{&typ{"timestamp", "Timestamp", "", true, modelgen.Time, instant}}
	JSON      = Type{&typ{"json", "JSON", "", false, modelgen.JSON, nil}}
	UUID      = Type{&typ{"uuid", "UUID", "", true, modelgen.Text, nil}}
	ULID      = Type{&typ{"ulid", "ULID", "", true, modelgen.Text, nil}}
	Binary    = Type{&typ{"binary", "Binary", "", false, modelgen.Bytes, nil}}
	Enum      = Type{&typ{"enum", "Enum", "enum:draft,published", true, modelgen.Enum, quoted}}
	Reference = Type{&typ{"references", "ForeignID", "references:users", true, modelgen.Int, nil}}
)

var types = []Type{
	String, Char, Text, Integer, BigInt, SmallInt, Decimal, Float, Bool, Date, DateTime, Time, Timestamp, JSON, UUID, ULID, Binary, Enum, Reference,
}

// others are further words for the types, those of Laravel and Rails among them.
var others = map[string]Type{
	"int": Integer, "biginteger": BigInt, "smallinteger": SmallInt, "boolean": Bool, "double": Float, "jsonb": JSON, "varchar": String, "blob": Binary,
	"belongs_to": Reference, "belongsto": Reference, "foreignid": Reference, "reference": Reference,
}

// now is the default of a time that is that of the insertion.
const now = "now"

// String returns the word for the type.
func (t Type) String() string { return t.name }

// Names returns the words for the types.
func Names() []string {
	var list []string
	for _, t := range types {
		list = append(list, t.name)
	}
	return list
}

func typeOf(word string) (Type, bool) {
	word = strings.ToLower(word)
	if i := slices.IndexFunc(types, func(t Type) bool { return t.name == word }); i >= 0 {
		return types[i], true
	}
	t, ok := others[word]
	return t, ok
}

func typeAdvice(word string) string {
	if name := nearest.Name(word, append(Names(), modifiers...)); name != "" {
		return "did you mean " + name + "?"
	}
	return "the types are " + strings.Join(Names(), ", ")
}

func quoted(s string) (string, bool) { return strconv.Quote(s), true }

func whole(s string) (string, bool) {
	_, err := strconv.ParseInt(s, 10, 64)
	return s, err == nil
}

func number(s string) (string, bool) {
	_, err := strconv.ParseFloat(s, 64)
	// Not what strconv takes besides, such as Inf, 0x1p-2 and 1_000.
	return s, err == nil && strings.Trim(s, "-0123456789.eE") == ""
}

func truth(s string) (string, bool) { return s, s == "true" || s == "false" }

func instant(s string) (string, bool) { return s, s == now }
