package lint_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/lint"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

const pg, my, lite = database.Postgres, database.MySQL, database.SQLite

var types = map[string]string{
	"users.name": "character varying(60)", "users.bio": "text", "users.age": "integer", "users.balance": "numeric(10,2)",
}

func rules(d database.Dialect, statements ...string) []string {
	list := lint.Check(lint.Server{Dialect: d, TypeOf: func(table, column string) string {
		text := types[table+"."+column]
		if d == my {
			text = strings.ReplaceAll(text, "character varying", "varchar")
		}
		return text
	}}, []lint.Migration{{Name: "m", Statements: statements}})
	var names []string
	for _, f := range list {
		if f.Problem == "" || f.Safe == "" {
			names = append(names, "no text")
		}
		names = append(names, f.Rule)
	}
	return names
}

func TestFindings(t *testing.T) {
	t.Parallel()
	all := []database.Dialect{pg, my, lite}
	for statements, tt := range map[string]struct {
		dialects []database.Dialect
		want     []string
	}{
		"DROP TABLE users":                                                                                      {all, []string{"drop-table"}},
		"DROP TABLE IF EXISTS shop.users, posts":                                                                {all, []string{"drop-table", "drop-table"}},
		`ALTER TABLE "users" DROP COLUMN name`:                                                                  {[]database.Dialect{pg, lite}, []string{"drop-column"}},
		"ALTER TABLE users DROP name, ADD x int":                                                                {[]database.Dialect{pg, my}, []string{"drop-column"}},
		"ALTER TABLE IF EXISTS ONLY a.users RENAME TO people":                                                   {[]database.Dialect{pg}, []string{"rename-table"}},
		"RENAME TABLE users TO people, a TO b":                                                                  {[]database.Dialect{my}, []string{"rename-table", "rename-table"}},
		"ALTER TABLE users RENAME COLUMN name TO title":                                                         {all, []string{"rename-column"}},
		"ALTER TABLE users RENAME name TO title":                                                                {[]database.Dialect{pg, lite}, []string{"rename-column"}},
		"ALTER TABLE users CHANGE name title varchar(60)":                                                       {[]database.Dialect{my}, []string{"rename-column"}},
		"ALTER TABLE users ALTER COLUMN age TYPE bigint":                                                        {[]database.Dialect{pg}, []string{"change-type"}},
		"ALTER TABLE users ALTER age SET DATA TYPE text USING age::text":                                        {[]database.Dialect{pg}, []string{"change-type"}},
		"ALTER TABLE users ALTER name TYPE varchar(20)":                                                         {[]database.Dialect{pg}, []string{"change-type"}},
		"ALTER TABLE users ALTER unknown TYPE text":                                                             {[]database.Dialect{pg}, []string{"change-type"}},
		"ALTER TABLE users MODIFY age bigint":                                                                   {[]database.Dialect{my}, []string{"change-type"}},
		"ALTER TABLE users MODIFY name varchar(200)":                                                            {[]database.Dialect{my}, []string{"change-type"}},
		"ALTER TABLE users ADD COLUMN x int NOT NULL":                                                           {all, []string{"add-not-null"}},
		"ALTER TABLE users ALTER name SET NOT NULL":                                                             {[]database.Dialect{pg}, []string{"set-not-null"}},
		"ALTER TABLE users ADD x uuid DEFAULT gen_random_uuid()":                                                {[]database.Dialect{pg}, []string{"table-rewrite"}},
		"ALTER TABLE users ADD x bigserial":                                                                     {[]database.Dialect{pg}, []string{"table-rewrite"}},
		"ALTER TABLE users ADD x int UNIQUE":                                                                    {[]database.Dialect{pg}, []string{"add-unique"}},
		"ALTER TABLE users ADD x int GENERATED ALWAYS AS (age * 2) STORED":                                      {[]database.Dialect{pg}, []string{"table-rewrite"}},
		"ALTER TABLE users ADD COLUMN (x int NOT NULL, y int AS (age) STORED)":                                  {[]database.Dialect{my}, []string{"add-not-null", "table-copy"}},
		"CREATE INDEX users_name ON users (name)":                                                               {[]database.Dialect{pg}, []string{"index-not-concurrent"}},
		"CREATE UNIQUE INDEX ON ONLY users USING btree (name)":                                                  {[]database.Dialect{pg}, []string{"index-not-concurrent"}},
		"CREATE INDEX CONCURRENTLY ON users (name)":                                                             {[]database.Dialect{pg}, []string{"concurrent-in-transaction"}},
		"DROP INDEX CONCURRENTLY users_name":                                                                    {[]database.Dialect{pg}, []string{"concurrent-in-transaction"}},
		"ALTER TABLE users ADD CONSTRAINT u UNIQUE (name)":                                                      {[]database.Dialect{pg}, []string{"add-unique"}},
		"ALTER TABLE users ADD PRIMARY KEY (id)":                                                                {[]database.Dialect{pg, my}, []string{"add-primary-key"}},
		"ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (team_id) REFERENCES teams (id)":                        {[]database.Dialect{pg, my}, []string{"add-foreign-key"}},
		"ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0)":                                                    {[]database.Dialect{pg, my}, []string{"add-check"}},
		"ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0) NOT VALID; ALTER TABLE users VALIDATE CONSTRAINT c": {[]database.Dialect{pg}, []string{"validate-in-transaction"}},
		"ALTER TABLE users DROP PRIMARY KEY":                                                                    {[]database.Dialect{my}, []string{"table-copy"}},
		"ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4":                                                    {[]database.Dialect{my}, []string{"table-copy"}},
		"TRUNCATE users":                               {[]database.Dialect{pg, my}, []string{"delete-all"}},
		"DELETE FROM users":                            {all, []string{"delete-all"}},
		"UPDATE users SET name = 'WHERE'":              {all, []string{"update-all"}},
		"DROP TYPE mood":                               {[]database.Dialect{pg}, []string{"drop-type"}},
		"ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'": {[]database.Dialect{pg}, []string{"rename-value"}},
		"LOCK TABLE users IN EXCLUSIVE MODE":           {[]database.Dialect{pg}, []string{"lock-table"}},
		"CREATE TABLE users_new (id int); INSERT INTO users_new SELECT id FROM users; DROP TABLE users; ALTER TABLE users_new RENAME TO users": {[]database.Dialect{lite}, []string{"table-rebuild"}},

		// What must stay silent.
		"CREATE TABLE a (id int); CREATE INDEX ON a (id); ALTER TABLE a ADD x int NOT NULL; UPDATE a SET x = 1; DROP TABLE a": {all, nil},
		"CREATE TABLE IF NOT EXISTS a (id int); ALTER TABLE a RENAME TO b; ALTER TABLE b DROP COLUMN id":                      {all, nil},
		"CREATE TABLE a AS SELECT * FROM users; CREATE UNIQUE INDEX i ON a (id)":                                              {[]database.Dialect{pg}, nil},
		"ALTER TABLE users ADD COLUMN x int":                                                       {all, nil},
		"ALTER TABLE users ADD COLUMN x int NOT NULL DEFAULT 0":                                    {all, nil},
		"ALTER TABLE users ADD x timestamptz NOT NULL DEFAULT now()":                               {[]database.Dialect{pg}, nil},
		"ALTER TABLE users ADD CONSTRAINT f FOREIGN KEY (team_id) REFERENCES teams (id) NOT VALID": {[]database.Dialect{pg}, nil},
		"ALTER TABLE users VALIDATE CONSTRAINT f":                                                  {[]database.Dialect{pg}, nil},
		"ALTER TABLE users ADD CONSTRAINT u UNIQUE USING INDEX users_name":                         {[]database.Dialect{pg}, nil},
		"ALTER TABLE users ALTER name TYPE varchar(200); ALTER TABLE users ALTER COLUMN name TYPE text; ALTER TABLE users ALTER balance TYPE numeric(12, 2)": {[]database.Dialect{pg}, nil},
		"ALTER TABLE users MODIFY name varchar(63) NOT NULL":                                                                                      {[]database.Dialect{my}, nil},
		"ALTER TABLE users DROP CONSTRAINT u; ALTER TABLE users ALTER name SET DEFAULT 'x'; ALTER TABLE users ALTER name DROP NOT NULL":           {[]database.Dialect{pg}, nil},
		"CREATE INDEX i ON users (name); DROP INDEX i ON users; ALTER TABLE users ADD INDEX j (name), DROP INDEX j, ALGORITHM=INPLACE, LOCK=NONE": {[]database.Dialect{my}, nil},
		"DROP INDEX i": {[]database.Dialect{pg, lite}, nil},
		"DELETE FROM users WHERE id = 1; UPDATE users SET name = 'x' WHERE id = 1; INSERT INTO users DEFAULT VALUES": {all, nil},
		"INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'DROP TABLE users'":                 {[]database.Dialect{pg, lite}, nil},
		"CREATE VIEW v AS SELECT * FROM users; COMMENT ON TABLE users IS 'DROP TABLE users'":                         {[]database.Dialect{pg}, nil},
		"SELECT 1; /* DROP TABLE users */ SELECT 2 -- DELETE FROM users":                                             {all, nil},
		"CREATE TEMPORARY TABLE t (id int); DROP TABLE t":                                                            {[]database.Dialect{my, lite}, nil},
	} {
		for _, d := range tt.dialects {
			if diff := cmp.Diff(tt.want, rules(d, strings.Split(statements, "; ")...), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", d, statements, diff)
			}
		}
	}
}

func TestEveryRuleCanBeFound(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, r := range lint.Rules() {
		if names[r.Name] || r.Finds == "" || len(r.Dialects()) == 0 {
			t.Errorf("rule %+v", r)
		}
		names[r.Name] = true
	}
}

func TestAccepting(t *testing.T) {
	t.Parallel()
	list := lint.Check(lint.Server{Dialect: pg}, []lint.Migration{{
		Name: "m",
		Statements: []string{
			"-- kit:accept index-not-concurrent the table has 200 rows\nCREATE INDEX ON plans (name)",
			"ALTER TABLE plans /* kit:accept drop-column nobody reads it */ DROP COLUMN old",
			"ALTER TABLE plans DROP COLUMN older",
			"DROP TABLE plans -- kit:accept drop-table",
			"DROP TABLE a -- kit:accept drop-tabel never used",
		},
		Accepted: lint.Accepted("// kit:accept rename-table the view is there", "/*\nkit:accept delete-all x\n*/"),
	}})
	var got []string
	for _, f := range list {
		got = append(got, fmt.Sprintf("%s|%s|%s", f.Rule, f.Accepted, f.Problem[:min(12, len(f.Problem))]))
	}
	want := []string{
		"index-not-concurrent|the table has 200 rows|nobody can w",
		"drop-column|nobody reads it|the column's",
		"drop-column||the column's",
		"bad-accept||kit:accept d",
		"drop-table||the table's ",
		"bad-accept||there is no ",
		"drop-table||the table's ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(lint.Open(list)); n != 5 {
		t.Errorf("%d are open, want 5", n)
	}
}

// What the rules say about PostgreSQL, asked of PostgreSQL: whether a statement writes
// the table anew shows in the number of its file.
func TestWhatPostgreSQLRewrites(t *testing.T) {
	t.Parallel()
	db, err := database.Open(dbtest.Postgres(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx := t.Context()
	exec := func(sql string) {
		t.Helper()
		if _, err := db.ExecContext(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	file := func(ctx context.Context) (n int64) {
		t.Helper()
		if err := db.QueryRowContext(ctx, "SELECT pg_relation_filenode('users')").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for sql, rewrites := range map[string]bool{
		"ALTER TABLE users ALTER age TYPE bigint":                          true,
		"ALTER TABLE users ALTER age TYPE text USING age::text":            true,
		"ALTER TABLE users ALTER name TYPE varchar(200)":                   false,
		"ALTER TABLE users ALTER name TYPE text":                           false,
		"ALTER TABLE users ALTER bio TYPE varchar":                         false,
		"ALTER TABLE users ALTER balance TYPE numeric(12, 2)":              false,
		"ALTER TABLE users ADD x uuid DEFAULT gen_random_uuid()":           true,
		"ALTER TABLE users ADD x bigserial":                                true,
		"ALTER TABLE users ADD x bigint GENERATED BY DEFAULT AS IDENTITY":  true,
		"ALTER TABLE users ADD x int GENERATED ALWAYS AS (age * 2) STORED": true,
		"ALTER TABLE users ADD x int NOT NULL DEFAULT 0":                   false,
		"ALTER TABLE users ADD x timestamptz NOT NULL DEFAULT now()":       false,
		"ALTER TABLE users ADD x text":                                     false,
		"ALTER TABLE users ALTER name SET NOT NULL":                        false,
		"ALTER TABLE users ADD CONSTRAINT c CHECK (age > 0)":               false,
	} {
		exec("CREATE TABLE users (id int, name varchar(60), bio text, age integer, balance numeric(10,2))")
		exec("INSERT INTO users VALUES (1, 'Ada', '', 36, 1.5)")
		before := file(ctx)
		exec(sql)
		if got := file(ctx) != before; got != rewrites {
			t.Errorf("%s: rewrites is %v, want %v", sql, got, rewrites)
		}
		found := strings.Join(rules(pg, sql), " ")
		if says := strings.Contains(found, "table-rewrite") || strings.Contains(found, "change-type"); says != rewrites {
			t.Errorf("%s: the rules say %q, PostgreSQL rewrites: %v", sql, found, rewrites)
		}
		exec("DROP TABLE users")
	}
}
