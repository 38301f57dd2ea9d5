package modelgen

import (
	"testing"

	"ariga.io/atlas/sql/schema"
	"github.com/google/go-cmp/cmp"
)

// Each database keeps a default in a form of its own.
func TestDefaultsAreTheSameInEveryNotation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind      Kind
		sql       string
		backslash bool
		want      string
	}{
		{Text, `'it''s'`, false, `'it''s'`},
		{Text, `'draft'::character varying`, false, `'draft'`},
		{Text, `('draft'::character varying(20))`, false, `'draft'`},
		{Text, `"it's"`, true, `'it''s'`},
		{Text, `_utf8mb4'draft'`, true, `'draft'`},
		{Text, `'it\'s'`, true, `'it''s'`},
		{Text, `''`, false, `''`},
		{Text, `'a, b'`, false, Computed},
		{Text, `lower('A')`, false, Computed},
		{Text, `gen_random_uuid()`, false, Computed},
		{Text, `NULL::character varying`, false, ""},
		{Text, `NULL`, true, ""},
		{Text, ``, false, ""},
		{Enum, `'a'::size`, false, `'a'`},
		{Enum, `'a'::"Size"`, false, `'a'`},
		{Int, `'-1'::integer`, false, "-1"},
		{Int, `(-1)`, false, "-1"},
		{Int, `1 + 1`, false, Computed},
		{Decimal, `0.50`, false, "0.5"},
		{Decimal, `'12.00'::numeric`, false, "12"},
		{Float, `1.5::double precision`, false, "1.5"},
		{Bool, `1`, true, "true"},
		{Bool, `FALSE`, false, "false"},
		{Bool, `random() > 0`, false, Computed},
		{Time, `CURRENT_TIMESTAMP`, false, Now},
		{Time, `current_timestamp(6)`, true, Now},
		{Time, `now()`, false, Now},
		{Time, `(strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'))`, false, Now},
		{Time, `now() + '1 day'::interval`, false, Computed},
		{Time, `'2020-01-01 00:00:00+00'::timestamp with time zone`, false, Computed},
		{JSON, `'{}'::jsonb`, false, `'{}'`},
		{Bytes, `'\x00'::bytea`, false, Computed},
	} {
		if got := canonical(Column{Kind: c.kind}, c.sql, c.backslash); got != c.want {
			t.Errorf("canonical(%v, %s) = %q, want %q", c.kind, c.sql, got, c.want)
		}
	}
}

// Each database keeps a check in a form of its own, too. Only one that says nothing
// else than which values there are makes an enum.
func TestChecksThatListTheValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sql       string
		backslash bool
		want      []string
	}{
		{`status IN ('a', 'b')`, false, []string{"a", "b"}},
		{`"status" in ('a','it''s')`, false, []string{"a", "it's"}},
		{`[status] IN ('a')`, false, []string{"a"}},
		{"`status` in ('a','b\\'c')", true, []string{"a", "b'c"}},
		{"(`status` in (_utf8mb4'a',_utf8mb4'b'))", true, []string{"a", "b"}},
		{`((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`, false, []string{"a", "b"}},
		{`((status)::text = ANY (ARRAY['a'::text, 'b'::text]))`, false, []string{"a", "b"}},
		{`((status)::text = 'a'::text)`, false, []string{"a"}},
		{`((status IS NULL) OR ((status)::text = ANY ((ARRAY['a'::character varying])::text[])))`, false, []string{"a"}},
		{`status IN ('a', 'b') AND size > 1`, false, nil},
		{`status NOT IN ('a', 'b')`, false, nil},
		{`status <> 'a'`, false, nil},
		{`lower(status) IN ('a')`, false, nil},
		{`status IN ('a', other)`, false, nil},
		{`status IN ('a' + 'b')`, false, nil},
		{`other IS NULL OR status IN ('a')`, false, nil},
		{`status IN (1, 2)`, false, nil},
		{`length(status) > 1`, false, nil},
		{``, false, nil},
	} {
		table := &schema.Table{Attrs: []schema.Attr{&schema.Check{Expr: c.sql}}}
		column := Column{Name: "status"}
		readChecks(table, c.backslash).apply(&column)
		if diff := cmp.Diff(c.want, column.Values); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.sql, diff)
		}
	}
}
