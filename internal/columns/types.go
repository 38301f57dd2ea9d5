package columns

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/nearest"
)

// Type is what a column holds. The types are the variables of this package.
type Type struct{ *typ }

type typ struct {
	name      string
	method    string // of schema.Table
	argument  string // an example of the type with what it is given; "" for none
	indexable bool
	// literal returns a default as it is written in Go, and whether it fits; nil where
	// there is no default on every database.
	literal func(string) (string, bool)
}

// The types of columns.
var (
	String    = Type{&typ{"string", "String", "string:200", true, quoted}}
	Char      = Type{&typ{"char", "Char", "char:2", true, quoted}}
	Text      = Type{&typ{"text", "Text", "", false, nil}}
	Integer   = Type{&typ{"integer", "Integer", "", true, whole}}
	BigInt    = Type{&typ{"bigint", "BigInteger", "", true, whole}}
	SmallInt  = Type{&typ{"smallint", "SmallInteger", "", true, whole}}
	Decimal   = Type{&typ{"decimal", "Decimal", "decimal:10,2", true, number}}
	Float     = Type{&typ{"float", "Float", "", true, number}}
	Bool      = Type{&typ{"bool", "Bool", "", true, truth}}
	Date      = Type{&typ{"date", "Date", "", true, instant}}
	DateTime  = Type{&typ{"datetime", "DateTime", "", true, instant}}
	Time      = Type{&typ{"time", "Time", "", true, instant}}
	Timestamp = Type{&typ{"timestamp", "Timestamp", "", true, instant}}
	JSON      = Type{&typ{"json", "JSON", "", false, nil}}
	UUID      = Type{&typ{"uuid", "UUID", "", true, nil}}
	ULID      = Type{&typ{"ulid", "ULID", "", true, nil}}
	Binary    = Type{&typ{"binary", "Binary", "", false, nil}}
	Enum      = Type{&typ{"enum", "Enum", "enum:draft,published", true, quoted}}
	Reference = Type{&typ{"references", "ForeignID", "references:users", true, nil}}
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
	if name := nearest.Name(word, Names()); name != "" {
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
