package schema_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

type concert struct {
	ID         string     `bun:"id,pk"`
	Country    string     `bun:"country"`
	Status     string     `bun:"status"`
	Seats      int16      `bun:"seats"`
	BeginsAt   time.Time  `bun:"begins_at"`
	OpensAt    string     `bun:"opens_at"`
	OwnerID    string     `bun:"owner_id"`
	BandID     *string    `bun:"band_id"`
	TaggedType string     `bun:"tagged_type"`
	TaggedID   int64      `bun:"tagged_id"`
	ReadType   *string    `bun:"read_type"`
	ReadID     *int64     `bun:"read_id"`
	Price      int        `bun:"price"`
	DeletedAt  *time.Time `bun:"deleted_at"`
}

func TestFurtherTypesKeepTheirValues(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "owners", func(t *schema.Table) { t.UUID("id").Primary() }))
		must(t, s.Create(ctx, "bands", func(t *schema.Table) { t.ULID("id").Primary() }))
		must(t, s.Create(ctx, "concerts", func(t *schema.Table) {
			t.Comment("it's \\ loud")
			t.ULID("id").Primary()
			t.Char("country", 2).Comment("ISO 3166's \\ code")
			t.Enum("status", "new", "it's", `a\b`).Default(`a\b`).Index()
			t.SmallInteger("seats").Check("seats > 0")
			t.DateTime("begins_at")
			t.Time("opens_at").Default("19:30:00")
			t.ForeignUUID("owner_id").References("owners").OnDelete(schema.Cascade)
			t.ForeignULID("band_id").Nullable().References("bands", "id")
			t.Morphs("tagged")
			t.NullableMorphs("read")
			t.Integer("price")
			t.Integer("double_price").StoredAs("price * 2")
			t.SoftDeletes()
			t.Check("concerts_price", "price < 1000 OR seats < 10")
		}))
		must(t, s.Exec(ctx, "INSERT INTO owners (id) VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8')"))
		in := concert{
			ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Country: "it", Status: "it's", Seats: 500, OpensAt: "18:00:00",
			BeginsAt: time.Date(2026, 7, 1, 20, 15, 0, 0, time.UTC), OwnerID: "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
			TaggedType: "band", TaggedID: 7, Price: 35,
		}
		must(t, database.Insert(ctx, db, &in))
		out, err := database.Find[concert](ctx, db, in.ID)
		must(t, err)
		if diff := cmp.Diff(in, out); diff != "" {
			t.Errorf("(-in +out):\n%s", diff)
		}
		var double int
		must(t, db.QueryRowContext(ctx, "SELECT double_price FROM concerts").Scan(&double))
		if double != 70 {
			t.Errorf("the generated column is %d", double)
		}
		for name, change := range map[string]string{
			"no value of the enum":  "status = 'old'",
			"a number of no seats":  "seats = 0",
			"a price above a check": "price = 2000",
			"no owner":              "owner_id = '00000000-9dad-11d1-80b4-00c04fd430c8'",
		} {
			if err := s.Exec(ctx, "UPDATE concerts SET "+change); err == nil {
				t.Errorf("%s is accepted", name)
			}
		}
		must(t, s.Exec(ctx, "DELETE FROM owners"))
		if n, err := database.From[concert](db).Count(ctx); n != 0 || err != nil {
			t.Errorf("%d concerts are left, %v", n, err)
		}
	})
}

func TestTheCurrentTimeIsADefault(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "visits", func(t *schema.Table) {
			t.Integer("n")
			t.Timestamp("a").UseCurrent()
			t.DateTime("b").UseCurrent()
			t.Date("c").UseCurrent()
			t.Time("d").UseCurrent()
		}))
		before := time.Now().UTC().Add(-2 * time.Second)
		must(t, s.Exec(ctx, "INSERT INTO visits (n) VALUES (1)"))
		after := time.Now().UTC().Add(2 * time.Second)
		var a, b, c time.Time
		var d string
		must(t, db.QueryRowContext(ctx, "SELECT a, b, c, d FROM visits").Scan(&a, &b, &c, &d))
		for _, at := range []time.Time{a, b} {
			if at.Before(before) || at.After(after) {
				t.Errorf("%v is not between %v and %v", at, before, after)
			}
		}
		if day := c.Format(time.DateOnly); day != before.Format(time.DateOnly) && day != after.Format(time.DateOnly) {
			t.Errorf("the day is %s", day)
		}
		if _, err := time.Parse(time.TimeOnly, d); err != nil {
			t.Errorf("the time of day is %q: %v", d, err)
		}
	})
}

func TestIndexesOfAPartAndOfExpressions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "users", func(t *schema.Table) {
			t.ID()
			t.String("email", 80)
			t.String("name", 80)
			t.SoftDeletes()
		}))
		part := s.Table(ctx, "users", func(t *schema.Table) { t.UniqueIndex("name").Where("deleted_at IS NULL") })
		expression := s.Table(ctx, "users", func(t *schema.Table) { t.UniqueIndexExpr("users_email_lower", "lower(email)") })
		if db.Dialect() == database.MySQL {
			for _, err := range []error{part, expression} {
				if _, ok := errors.AsType[*schema.DefinitionError](err); !ok {
					t.Errorf("%v, want a *DefinitionError", err)
				}
			}
			return
		}
		must(t, errors.Join(part, expression))
		insert := func(email, name string) error {
			return s.Exec(ctx, "INSERT INTO users (email, name) VALUES (?, ?)", email, name)
		}
		must(t, insert("ann@example.com", "Ann"))
		if insert("ANN@example.com", "Bob") == nil || insert("bob@example.com", "Ann") == nil {
			t.Error("a unique index takes the same value twice")
		}
		must(t, s.Exec(ctx, "UPDATE users SET deleted_at = '2026-01-02 03:04:05+00:00'"))
		must(t, insert("bob@example.com", "Ann"))
	})
}

func TestPostgresBuildsIndexesConcurrently(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "users", func(t *schema.Table) { t.ID(); t.String("email", 80) }))
		add := func(t *schema.Table) { t.Index("email").Concurrently() }
		drop := func(t *schema.Table) { t.DropIndex("email").Concurrently() }
		must(t, s.Table(ctx, "users", add))
		must(t, s.Table(ctx, "users", drop))
		for _, define := range []func(*schema.Table){add, func(t *schema.Table) { t.Integer("n").Nullable(); drop(t) }} {
			err := db.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
				return schema.New(tx).Table(ctx, "users", define)
			})
			e, ok := errors.AsType[*schema.DefinitionError](err)
			if want := db.Dialect() == database.Postgres; ok != want {
				t.Errorf("in a transaction: %v, want a *DefinitionError: %v", err, want)
			}
			if ok && (!strings.HasPrefix(e.Error(), "types_test.go:") || !strings.Contains(e.Error(), "NoTransaction")) {
				t.Errorf("%q does not say where and what to do", e)
			}
			if db.Dialect() == database.SQLite {
				break // it has the index
			}
		}
	})
}

// The line is that of the call, not that of Create.
func TestAMistakeNamesItsLine(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *database.DB, s *schema.Builder) {
		line := 0
		err := s.Create(t.Context(), "books", func(t *schema.Table) {
			t.ID()
			_, _, line, _ = runtime.Caller(0)
			t.ForeignID("author_id").OnDelete(schema.Cascade)
		})
		if want := fmt.Sprintf("types_test.go:%d: table \"books\": column \"author_id\": ", line+1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want an error that begins with %s", err, want)
		}
		_, _, line, _ = runtime.Caller(0)
		err = s.Drop(t.Context(), "books")
		if want := fmt.Sprintf("types_test.go:%d: ", line+1); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want an error that begins with %s", err, want)
		}
	})
}
