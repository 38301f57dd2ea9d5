package modelgen_test

import (
	"context"
	"errors"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// shop is a schema with every type of column, every kind of relation, and odd names.
func shop(ctx context.Context, s *schema.Builder) error {
	return errors.Join(
		s.Create(ctx, "users", func(t *schema.Table) {
			t.ID()
			t.String("email", 200).Unique()
			t.String("password", 100)
			t.String("remember_token", 100).Nullable()
			t.String("api_url", 200).Default("https")
			t.Bool("admin").Default(false)
			t.Bool("active").Default(true)
			t.Bool("subscribed").Nullable().Default(true)
			t.ForeignID("manager_id").Nullable().References("users")
			t.Timestamps()
		}),
		s.Create(ctx, "profiles", func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id").References("users").OnDelete(schema.Cascade)
			t.Text("biography").Nullable()
			t.UniqueIndex("user_id")
		}),
		s.Create(ctx, "categories", func(t *schema.Table) {
			t.ID()
			t.ForeignID("parent_id").Nullable().References("categories")
			t.String("name", 50).Default("it's")
		}),
		s.Create(ctx, "posts", func(t *schema.Table) {
			t.ID()
			t.ForeignID("author_id").References("users")
			t.ForeignID("editor_id").Nullable().References("users")
			t.ForeignID("category_id").References("categories")
			t.String("title", 200)
			t.Timestamp("deleted_at").Nullable()
			t.Timestamps()
		}),
		s.Create(ctx, "tags", func(t *schema.Table) {
			t.ID()
			t.String("type", 20)
		}),
		s.Create(ctx, "post_tags", func(t *schema.Table) {
			t.ForeignID("post_id").References("posts")
			t.ForeignID("tag_id").References("tags")
			t.PrimaryKey("post_id", "tag_id")
		}),
		s.Create(ctx, "followers", func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id").References("users")
			t.ForeignID("follower_id").References("users")
			t.Timestamps()
		}),
		s.Create(ctx, "kit_things", func(t *schema.Table) { t.ID() }),
		values(ctx, s), odd(ctx, s), enums(ctx, s),
	)
}

// values has the types of columns that are not in the other tables.
func values(ctx context.Context, s *schema.Builder) error {
	return s.Create(ctx, "values", func(t *schema.Table) {
		t.UUID("key")
		t.PrimaryKey("key")
		t.Integer("stock").Default(7)
		t.Integer("sold").Default(0)
		t.BigInteger("views")
		t.Integer("rank").Nullable()
		t.Float("weight").Default(1.5)
		t.Decimal("price", 10, 2).Default(-1)
		t.Decimal("discount", 10, 2).Nullable()
		t.Timestamp("sold_at").Nullable()
		t.Timestamp("opened_at").DefaultExpr("CURRENT_TIMESTAMP")
		t.Date("birthday").Nullable()
		t.Binary("photo")
		t.Binary("thumbnail").Nullable()
		t.String("comma", 20).Default("a, b")
		t.Integer("sum").DefaultExpr("1 + 1")
	})
}

// odd has names that are no Go, and no key.
func odd(ctx context.Context, s *schema.Builder) error {
	return errors.Join(
		s.Create(ctx, "2 odd-names", func(t *schema.Table) {
			t.String("func", 10)
			t.String("2fa", 10).Nullable()
			t.String("größe", 10).Nullable()
			t.String("名前", 10).Nullable()
			t.String("with space", 10).Nullable()
			t.String("a,b", 10).Nullable()
			t.String(`quo"te`, 10).Nullable()
			t.String("back`tick", 10).Nullable()
			t.String("user_id", 10).Nullable()
			t.String("user__id", 10).Nullable()
			t.String("base_model", 10).Nullable()
			t.String("%", 10).Nullable()
			t.String("default", 10).Nullable()
			t.String("do.t", 10).Nullable()
		}),
		s.Create(ctx, "news", func(t *schema.Table) { t.ID() }),
		s.Create(ctx, "new", func(t *schema.Table) { t.ID() }),
		s.Create(ctx, "unit_tests", func(t *schema.Table) { t.ID() }),
		s.Create(ctx, "api_keys", func(t *schema.Table) {
			t.ID()
			t.String("client_secret", 10)
			t.String("owner", 20)
		}),
	)
}

// enums has the enums and the JSON of each database, which the builder cannot tell
// apart from text on all of them.
func enums(ctx context.Context, s *schema.Builder) error {
	return map[database.Dialect]func() error{
		database.SQLite: func() error {
			return s.Exec(ctx, `CREATE TABLE orders (id INTEGER PRIMARY KEY,
				status VARCHAR(20) NOT NULL DEFAULT 'in-cart' CHECK (status IN ('in-cart', 'it''s paid', 'a,b', '')),
				size VARCHAR(1) CONSTRAINT sizes CHECK ("size" IS NULL OR "size" IN ('S', 'M')),
				meta TEXT NOT NULL CHECK (json_valid(meta)), extra TEXT CHECK (json_valid(extra)),
				total INTEGER GENERATED ALWAYS AS (id * 2) STORED)`)
		},
		database.Postgres: func() error {
			return errors.Join(
				s.Exec(ctx, "CREATE TYPE size AS ENUM ('S', 'M')"),
				s.Exec(ctx, `CREATE TABLE orders (id bigserial PRIMARY KEY,
					status varchar(20) NOT NULL DEFAULT 'in-cart' CHECK (status IN ('in-cart', 'it''s paid', 'a,b', '')),
					size size, meta jsonb NOT NULL, extra json,
					total bigint GENERATED ALWAYS AS (23 * 2) STORED)`),
			)
		},
		database.MySQL: func() error {
			return s.Exec(ctx, `CREATE TABLE orders (id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
				status enum('in-cart', 'it''s paid', 'a,b', '') NOT NULL DEFAULT 'in-cart',
				size varchar(1) CHECK (size IN ('S', 'M')), meta json NOT NULL, extra json,
				total bigint GENERATED ALWAYS AS (23 * 2) STORED)`)
		},
	}[s.Dialect()]()
}
