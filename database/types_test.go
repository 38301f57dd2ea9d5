package database_test

import (
	"database/sql"
	"encoding/json"
	"math"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

type Everything struct {
	ID       int64           `bun:"id,pk,autoincrement"`
	Bool     bool            `bun:"a_bool"`
	Int      int             `bun:"an_int"`
	Int8     int8            `bun:"an_int8"`
	Uint     uint64          `bun:"a_uint"`
	Float    float64         `bun:"a_float"`
	Float32  float32         `bun:"a_float32"`
	Text     string          `bun:"a_text"`
	Kind     EventKind       `bun:"a_kind"`
	Bytes    []byte          `bun:"bytes"`
	Time     time.Time       `bun:"a_time"`
	Day      time.Time       `bun:"a_day"`
	Elapsed  time.Duration   `bun:"elapsed"`
	UUID     uuid.UUID       `bun:"a_uuid"`
	Address  netip.Addr      `bun:"address"`
	Decimal  string          `bun:"a_decimal"`
	JSON     map[string]any  `bun:"a_json"`
	Raw      json.RawMessage `bun:"a_raw"`
	List     []string        `bun:"a_list"`
	Struct   Settings        `bun:"a_struct"`
	Null     sql.NullString  `bun:"a_null"`
	Generic  sql.Null[int]   `bun:"a_generic"`
	Pointer  *string         `bun:"a_pointer"`
	TimePtr  *time.Time      `bun:"a_time_pointer"`
	BoolPtr  *bool           `bun:"a_bool_pointer"`
	NullZero string          `bun:"null_zero,nullzero"`
	ZeroTime time.Time       `bun:"zero_time,nullzero"`
	Address2
}

// Address2 is embedded: its fields are columns of the model.
type Address2 struct {
	Street string `bun:"street"`
}

func everything(t *testing.T, url string) *database.DB {
	t.Helper()
	db := open(t, url, nil)
	err := schema.New(db).Create(t.Context(), "everythings", func(t *schema.Table) {
		t.ID()
		t.Bool("a_bool")
		t.Integer("an_int")
		t.Integer("an_int8")
		t.Decimal("a_uint", 20, 0)
		t.Float("a_float")
		t.Float("a_float32")
		t.Text("a_text")
		t.String("a_kind", 20)
		t.Binary("bytes").Nullable()
		t.Timestamp("a_time")
		t.Date("a_day")
		t.BigInteger("elapsed")
		t.UUID("a_uuid")
		t.String("address", 60)
		t.Decimal("a_decimal", 20, 4)
		t.JSON("a_json").Nullable()
		t.JSON("a_raw").Nullable()
		t.JSON("a_list").Nullable()
		t.JSON("a_struct").Nullable()
		for _, name := range []string{"a_null", "a_pointer", "null_zero"} {
			t.String(name, 20).Nullable()
		}
		t.Integer("a_generic").Nullable()
		t.Timestamp("a_time_pointer").Nullable()
		t.Bool("a_bool_pointer").Nullable()
		t.Timestamp("zero_time").Nullable()
		t.String("street", 80)
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// What is written comes back, of every type, alone and with others.
func TestTypes(t *testing.T) {
	t.Parallel()
	moment := time.Date(2026, 3, 29, 1, 59, 59, 123456000, time.UTC)
	yes := true
	full := Everything{
		Bool: true, Int: -5, Int8: math.MinInt8, Uint: 1 << 62, Float: 0.1, Float32: 1.5, Text: "a 'b' ☃", Kind: "odd", Bytes: []byte{0, 1, 255},
		Time: moment, Day: time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC), Elapsed: time.Minute, UUID: uuid.MustParse("0198c1e0-0000-7000-8000-000000000001"),
		Address: netip.MustParseAddr("2001:db8::1"), Decimal: "1234567890.1250", JSON: map[string]any{"a": []any{1.5, "x", nil}}, Raw: json.RawMessage(`[1]`),
		List: []string{"x", "y"}, Struct: Settings{Theme: "t"}, Null: sql.NullString{String: "n", Valid: true}, Generic: sql.Null[int]{V: 7, Valid: true},
		Pointer: new("p"), TimePtr: &moment, BoolPtr: &yes, NullZero: "z", ZeroTime: moment, Address2: Address2{"Main"},
	}
	empty := Everything{
		Kind: "e", Time: moment, Day: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Address: netip.MustParseAddr("127.0.0.1"),
		Decimal: "0.0000", JSON: map[string]any{}, Raw: json.RawMessage(`null`), List: []string{},
	}
	each(t, func(t *testing.T, url string) {
		db := everything(t, url)
		ctx := t.Context()
		rows := []Everything{full, empty, full}
		rows[0].Time = moment.In(time.FixedZone("", 3600)) // another zone is the same instant
		for i := range 2 {
			if err := database.Insert(ctx, db, &rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		rows[2].ID = 0
		if err := database.InsertMany(ctx, db, rows[2:]); err != nil {
			t.Fatal(err)
		}
		if err := database.InsertMany(ctx, db, []Everything{full, empty}); err != nil {
			t.Fatal(err)
		}
		stored, err := database.From[Everything](db).OrderBy("id").All(ctx)
		want := []Everything{full, empty, full, full, empty}
		for i := range want {
			want[i].ID = int64(i + 1)
		}
		for i := range stored {
			tidy(db.Dialect(), &stored[i])
		}
		for i := range want {
			tidy(db.Dialect(), &want[i])
		}
		if diff := cmp.Diff(want, stored, cmpopts.EquateComparable(netip.Addr{})); diff != "" || err != nil {
			t.Errorf("read back (-want +got): %v\n%s", err, diff)
		}
		if db.Dialect() != database.SQLite {
			large := full
			large.Uint = math.MaxUint64
			err := database.Insert(ctx, db, &large)
			got, err2 := database.From[Everything](db).Where("a_uint = ?", uint64(math.MaxUint64)).Sole(ctx)
			if err != nil || err2 != nil || got.Uint != math.MaxUint64 {
				t.Errorf("the largest number: %d, %v, %v", got.Uint, err, err2)
			}
			if err := database.Delete(ctx, db, &large); err != nil {
				t.Error(err)
			}
		}

		for what, q := range map[string]*database.Query[Everything]{
			"a time in another zone": database.From[Everything](db).Where("a_time = ?", rows[0].Time).Where("a_bool = ?", true),
			"a UUID":                 database.From[Everything](db).Where("a_uuid = ?", full.UUID),
			"a named string":         database.From[Everything](db).Where("a_kind = ?", full.Kind),
			"a duration":             database.From[Everything](db).Where("elapsed = ?", time.Minute),
			"bytes":                  database.From[Everything](db).Where("bytes = ?", full.Bytes),
			"a sql.Null":             database.From[Everything](db).Where("a_null = ?", full.Null),
			"a pointer":              database.From[Everything](db).Where("a_pointer = ?", full.Pointer),
			"an address":             database.From[Everything](db).Where("address = ?", full.Address),
			"a large number":         database.From[Everything](db).Where("a_uint = ?", full.Uint),
			"a struct":               database.From[Everything](db).WhereStruct(Everything{UUID: full.UUID, Kind: "odd", Day: full.Day}),
		} {
			if n, err := q.Count(ctx); err != nil || n != 3 {
				t.Errorf("%s: %d rows, %v, want 3", what, n, err)
			}
		}
	})
}

// tidy takes off what databases do to a value that means the same.
func tidy(d database.Dialect, e *Everything) {
	var v any
	if json.Unmarshal(e.Raw, &v) == nil {
		e.Raw, _ = json.Marshal(v)
	}
	if len(e.Bytes) == 0 {
		e.Bytes = nil
	}
	if d == database.SQLite { // computes with floating point numbers
		var n json.Number
		_ = json.Unmarshal([]byte(e.Decimal), &n)
		f, _ := n.Float64()
		e.Decimal = strconv.FormatFloat(f, 'f', -1, 64)
	}
}

func TestArraysOfPostgres(t *testing.T) {
	t.Parallel()
	type Bag struct {
		ID    int64    `bun:"id,pk,autoincrement"`
		Words []string `bun:"words,array"`
		Sizes []int64  `bun:"sizes,array"`
	}
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		if db.Dialect() != database.Postgres {
			return // elsewhere they are JSON
		}
		ctx := t.Context()
		exec(t, db, "CREATE TABLE bags (id bigserial PRIMARY KEY, words text[], sizes bigint[])")
		bag := Bag{Words: []string{`a,"b"`, ""}, Sizes: []int64{3}}
		if err := database.Insert(ctx, db, &bag); err != nil {
			t.Fatal(err)
		}
		got, err := database.From[Bag](db).Where("? = ANY(words)", `a,"b"`).Where("words @> ?", []string{""}).Sole(ctx)
		if err != nil {
			got, err = database.From[Bag](db).Where("? = ANY(words)", `a,"b"`).Sole(ctx)
		}
		equal(t, "read back", got, err, bag)
	})
}
