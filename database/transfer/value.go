package transfer

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
)

// kind says how the values of a column are compared: as what they mean, not as a database
// writes them.
type kind int

// The first kind of two columns counts when they differ: SQLite has a text where
// PostgreSQL has a uuid.
const (
	document kind = iota // JSON
	boolean
	uuid
	octets
	moment // an instant, or a day and a time, in microseconds
	day
	clock
	number
	char // text whose blanks at the end mean nothing
	text
	tiny // tinyint(1) of MySQL: boolean beside a boolean, else a number
)

// kindOf returns the kind of a column's type.
func kindOf(d database.Dialect, columnType string) kind {
	t := strings.ToLower(columnType)
	has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(t, w) })
	}
	switch {
	case has("json"):
		return document
	case has("bool"):
		return boolean
	case has("uuid"):
		return uuid
	case has("bytea", "blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary", "bit"):
		return octets
	case has("timestamp", "datetime"):
		return moment
	case t == "date":
		return day
	case t == "time", has("time(", "time without"):
		return clock
	case t == "tinyint(1)":
		return tiny
	case d == database.Postgres && has("character("):
		return char
	case has("smallint", "int", "bigint", "tinyint", "mediumint", "num", "dec", "float", "double", "real", "year") && !has("interval", "int4range", "int8range", "nummultirange", "numrange") && !strings.HasSuffix(t, "[]"):
		return number
	}
	return text
}

// common returns how the values of two columns are compared.
func common(a, b kind) kind {
	switch k := min(a, b); {
	case k == tiny, k == number && max(a, b) == tiny:
		return number
	default:
		return k
	}
}

// value is a value of a row.
type value struct {
	null  bool
	text  string // as it was read
	canon string // what it means: the same on all databases
}

// valueOf reads a value that a query of [column.read] has given.
func (k kind) valueOf(v any) (value, error) {
	var raw string
	switch v := v.(type) {
	case nil:
		return value{null: true}, nil
	case string:
		raw = v
	case []byte:
		raw = string(v)
	case int64:
		raw = strconv.FormatInt(v, 10)
	case uint64:
		raw = strconv.FormatUint(v, 10)
	case float64:
		raw = strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		raw = strconv.FormatFloat(float64(v), 'g', -1, 32)
	case bool:
		raw = strconv.FormatBool(v)
	default:
		return value{}, fmt.Errorf("a %T is not understood", v)
	}
	canon, err := k.canon(raw)
	return value{text: raw, canon: canon}, err
}

func (k kind) canon(s string) (string, error) {
	switch k {
	case boolean:
		switch s {
		case "1", "t", "true":
			return "1", nil
		case "0", "f", "false":
			return "0", nil
		}
		return "", fmt.Errorf("%s is neither true nor false", short(s))
	case number, tiny:
		return canonNumber(s)
	case moment:
		at, err := parseMoment(s)
		return at.Format(momentLayout), err
	case day:
		at, err := parseMoment(s)
		return at.Format(time.DateOnly), err
	case clock:
		if whole, fraction, found := strings.Cut(s, "."); found {
			return strings.TrimSuffix(whole+"."+strings.TrimRight(fraction, "0"), "."), nil
		}
		return s, nil
	case uuid:
		return strings.ToLower(s), nil
	case char:
		return strings.TrimRight(s, " "), nil
	case document:
		return canonJSON(s)
	case octets, text:
	}
	return s, nil
}

// momentLayout has microseconds: so much all databases keep, and Kit means.
const momentLayout = "2006-01-02 15:04:05.000000"

// momentLayouts are those in which databases and their drivers write times.
var momentLayouts = []string{
	"2006-01-02 15:04:05.999999999-07:00", "2006-01-02 15:04:05.999999999-07", "2006-01-02 15:04:05.999999999",
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly,
}

// parseMoment reads a time; one without a zone is in UTC.
func parseMoment(s string) (time.Time, error) {
	for _, layout := range momentLayouts {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%s is no time", short(s))
}

// canonNumber returns a number without what does not change it: 1.50, 15e-1 and 1.5 are
// the same.
func canonNumber(s string) (string, error) {
	mantissa, exponent := s, 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return "", fmt.Errorf("%s is no number", short(s))
		}
		mantissa, exponent = s[:i], n
	}
	digits, negative := strings.CutPrefix(strings.TrimPrefix(mantissa, "+"), "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= len(fraction)
	digits = whole + fraction
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		switch s {
		case "NaN", "Infinity", "-Infinity":
			return s, nil
		}
		return "", fmt.Errorf("%s is no number", short(s))
	}
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0", nil
	}
	significant := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(significant)
	if negative {
		significant = "-" + significant
	}
	if exponent == 0 {
		return significant, nil
	}
	return significant + "e" + strconv.Itoa(exponent), nil
}

// canonJSON returns a document with its names in order, and its numbers as [canonNumber]
// has them.
func canonJSON(s string) (string, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return "", fmt.Errorf("%s is no JSON", short(s))
	}
	if d.More() {
		return "", fmt.Errorf("%s is no JSON", short(s))
	}
	text, err := json.Marshal(plainNumbers(v))
	return string(text), err
}

func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		n, ok := new(big.Rat).SetString(v.String())
		if ok && len(v) < 50 {
			return json.RawMessage(`"#` + n.RatString() + `"`)
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	}
	return v
}

// short is the beginning of a text, in quotes, for messages.
func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// unhex returns the bytes of a value of the kind octets, which is read in hexadecimal
// digits, but from SQLite.
func unhex(s string) (string, error) {
	b, err := hex.DecodeString(strings.TrimPrefix(s, `\x`))
	return string(b), err
}
