package transfer

import (
	"testing"

	"github.com/kitgo/kit/database"
)

func TestWhatMeansTheSameIsTheSame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind kind
		a, b any
		same bool
	}{
		{number, "1.50", 1.5, true},
		{number, "15e-1", "1.5", true},
		{number, "-0.00", int64(0), true},
		{number, "1000000000000000000000", 1e21, true},
		{number, "0.1", 0.1, true},
		{number, "0.1", "0.10000000000000001", false},
		{number, "-5", int64(5), false},
		{number, "10", "1", false},
		{boolean, int64(1), "true", true},
		{boolean, "f", int64(0), true},
		{boolean, true, "0", false},
		{moment, "2026-03-29 01:00:00+00", "2026-03-29T02:00:00+01:00", true},
		{moment, "2026-03-29 01:00:00", "2026-03-29 01:00:00.000000+00:00", true},
		{moment, "2026-03-29 01:00:00.123456789", "2026-03-29 01:00:00.123456", true},
		{moment, "2026-03-29 01:00:00", "2026-03-29 01:00:00.000001", false},
		{day, "2026-03-29", "2026-03-29 00:00:00+00:00", true},
		{clock, "10:00:00", "10:00:00.000000", true},
		{clock, "10:00:00.5", "10:00:00", false},
		{uuid, "0198C1E0-0000-7000-8000-000000000001", "0198c1e0-0000-7000-8000-000000000001", true},
		{document, `{"a": 1.0, "b": [1e2]}`, `{"b":[100],"a":1}`, true},
		{document, `"1"`, `1`, false},
		{document, `{"a": "ü<"}`, `{"a":"\u00fc\u003c"}`, true},
		{document, `null`, nil, false},
		{char, "de   ", "de", true},
		{text, "de ", "de", false},
		{text, "", nil, false},
		{octets, []byte{0, 1}, "\x00\x01", true},
	} {
		a, errA := tt.kind.valueOf(tt.a)
		b, errB := tt.kind.valueOf(tt.b)
		if errA != nil || errB != nil || (a.canon == b.canon && a.null == b.null) != tt.same {
			t.Errorf("%v and %v: %+v and %+v, %v, %v", tt.a, tt.b, a, b, errA, errB)
		}
	}
	for k, bad := range map[kind][]any{
		number: {"", "x", "1e", "0x1", "1.2.3", "--1", []byte("é")}, boolean: {"2", "yes", ""}, moment: {"now", "", int64(3), "2026-13-01"}, document: {"", "{", "1 2"},
	} {
		for _, v := range bad {
			if got, err := k.valueOf(v); err == nil {
				t.Errorf("%v is taken for %+v", v, got)
			}
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		d    database.Dialect
		typ  string
		want kind
	}{
		{database.Postgres, "character varying(200)", text}, {database.Postgres, "character(3)", char}, {database.Postgres, "timestamp with time zone", moment},
		{database.Postgres, "time(0) without time zone", clock}, {database.Postgres, "time with time zone", text}, {database.Postgres, "integer[]", text}, {database.Postgres, "interval", text},
		{database.Postgres, "double precision", number}, {database.Postgres, "int4range", text}, {database.Postgres, "jsonb", document}, {database.Postgres, "inet", text},
		{database.MySQL, "tinyint(1)", tiny}, {database.MySQL, "bigint(20) unsigned", number}, {database.MySQL, "datetime(6)", moment}, {database.MySQL, "enum('a','b')", text}, {database.MySQL, "longtext", text},
		{database.SQLite, "JSON TEXT", document}, {database.SQLite, "INTEGER", number}, {database.SQLite, "BOOLEAN", boolean}, {database.SQLite, "NUMERIC(20, 4)", number}, {database.SQLite, "", text}, {database.SQLite, "VARCHAR(20)", text},
	} {
		if got := kindOf(tt.d, tt.typ); got != tt.want {
			t.Errorf("%s %q is of kind %d, want %d", tt.d, tt.typ, got, tt.want)
		}
	}
	for _, tt := range []struct{ a, b, want kind }{
		{tiny, tiny, number}, {tiny, boolean, boolean}, {number, tiny, number}, {text, uuid, uuid}, {text, document, document}, {char, text, char}, {number, boolean, boolean},
	} {
		if got := common(tt.a, tt.b); got != tt.want || common(tt.b, tt.a) != tt.want {
			t.Errorf("common of %d and %d is %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
