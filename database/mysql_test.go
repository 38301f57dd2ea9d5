package database_test

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMySQLSettings(t *testing.T) {
	t.Parallel()
	address := dbtest.MariaDB(t)
	for _, u := range []string{address, strings.Replace(address, "mysql://", "mariadb://", 1) + "?collation=utf8mb4_bin"} {
		db := open(t, u, nil)
		for variable, want := range map[string]string{
			"time_zone":                "+00:00",
			"sql_mode":                 "ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES",
			"character_set_connection": "utf8mb4",
			"character_set_results":    "utf8mb4",
		} {
			var got string
			if err := db.QueryRowContext(t.Context(), "SELECT @@"+variable).Scan(&got); err != nil || sorted(got) != want {
				t.Errorf("%s = %s (%v), want %s", variable, got, err, want)
			}
		}
		var collation string
		err := db.QueryRowContext(t.Context(), "SELECT @@collation_connection").Scan(&collation)
		if err != nil || (collation == "utf8mb4_bin") != strings.Contains(u, "utf8mb4_bin") {
			t.Errorf("%s: collation %s (%v)", u, collation, err)
		}
	}
}

// sorted sorts a list with commas.
func sorted(list string) string {
	items := strings.Split(list, ",")
	slices.Sort(items)
	return strings.Join(items, ",")
}

func TestMySQLRefusesWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.MariaDB(t), nil)
	exec(t, db, "CREATE TABLE words (word varchar(3) NOT NULL, n tinyint)")
	for _, statement := range []string{
		"INSERT INTO words (word) VALUES ('four')",
		"INSERT INTO words (word, n) VALUES ('a', 1000)",
		"INSERT INTO words (n) VALUES (1)",
		"INSERT INTO words (word) VALUES ('a'); DELETE FROM words",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil {
			t.Errorf("accepted: %s", statement)
		}
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO words (word) VALUES (?)", "a\x00b"); err == nil || !strings.Contains(err.Error(), "NUL") {
		t.Errorf("a zero byte: %v, want an error that names it", err)
	}
	if n := count(t, db, "words"); n != 0 {
		t.Errorf("%d rows, want none", n)
	}
}

func TestMySQLFindsTheRowOfAnUpdateThatChangesNothing(t *testing.T) {
	t.Parallel()
	db := members(t, dbtest.MariaDB(t))
	ann := Member{Team: "a", Name: "Ann", JoinedAt: time.Date(2026, 1, 2, 3, 4, 5, 123456789, time.FixedZone("", 3600))}
	if err := database.Insert(t.Context(), db, &ann); err != nil {
		t.Fatal(err)
	}
	if err := database.Update(t.Context(), db, &ann); err != nil {
		t.Errorf("Update of an unchanged row: %v", err)
	}
	got, err := database.Find[Member](t.Context(), db, ann.ID)
	if want := ann.JoinedAt.UTC().Truncate(time.Microsecond); err != nil || got.JoinedAt != want {
		t.Errorf("joined at %v (%v), want %v", got.JoinedAt, err, want)
	}
}

func TestMySQLKeepsHostileText(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.MariaDB(t), nil)
	exec(t, db, "CREATE TABLE words (word longtext, bytes longblob, document json)")
	for _, want := range []string{`\`, `\'`, `'; DROP TABLE words; --`, "\"`\n\r\x1a", "🛠 ñ \u202e", `\0`, "%_\\%", strings.Repeat(`'\`, 1000)} {
		exec(t, db, "DELETE FROM words")
		exec(t, db, "INSERT INTO words VALUES (?, ?, ?)", want, []byte(want), map[string]string{"a": want})
		var word string
		var bytes []byte
		var same bool
		err := db.QueryRowContext(t.Context(), "SELECT word, bytes, json_value(document, '$.a') = ? FROM words WHERE word = ?", want, want).Scan(&word, &bytes, &same)
		if err != nil || word != want || string(bytes) != want || !same {
			t.Errorf("%q came back as %q and %q, in JSON %v (%v)", want, word, bytes, same, err)
		}
	}
}

func TestMySQLDuplicates(t *testing.T) {
	t.Parallel()
	db := open(t, members(t, dbtest.MariaDB(t)).String(), &database.Options{MaxConnections: 1})
	ann := Member{Team: "a", Name: "it's for key 'x.y'"}
	if err := database.Insert(t.Context(), db, &ann); err != nil {
		t.Fatal(err)
	}
	err := db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
		twin, id := ann, Member{ID: ann.ID, Team: "b", Name: "b"}
		twin.ID = 0
		for row, want := range map[*Member]string{
			&twin: "insert database_test.Member: a row with the same team, name exists in members",
			&id:   "insert database_test.Member: a row with the same id exists in members",
		} {
			if err := database.Insert(ctx, tx, row); err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		}
		return database.Insert(ctx, tx, &Member{Team: "b", Name: "b"})
	})
	if err != nil {
		t.Errorf("the transaction does not go on after duplicates: %v", err)
	}
}

func TestMySQLConnectionsToAReadOnlyServerLeaveThePool(t *testing.T) {
	t.Parallel()
	server := dbtest.StartMariaDB(t)
	server.CreateDatabase(t, "app")
	admin := open(t, server.URL("app"), nil)
	db := open(t, server.WithPassword(t, "app", "secret"), &database.Options{MaxConnections: 1})
	exec(t, db, "CREATE TABLE words (word text)")
	id := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), "SELECT connection_id()").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	first := id()
	if id() != first {
		t.Fatal("the pool does not keep its connection")
	}
	exec(t, admin, "SET GLOBAL read_only = 1")
	if _, err := db.ExecContext(t.Context(), "INSERT INTO words VALUES ('x')"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("writing: %v, want an error that says read-only", err)
	}
	if id() == first {
		t.Error("the connection is still in use")
	}
}

func TestMySQLSaysWhatIsTooLarge(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.MariaDB(t), nil)
	_, err := db.ExecContext(t.Context(), "SET @x = ?", strings.Repeat("x", 17<<20))
	if err == nil || !strings.Contains(err.Error(), "max_allowed_packet") {
		t.Errorf("17 MiB: %v, want an error with the name of the setting", err)
	}
}

func TestMySQLConnectErrors(t *testing.T) {
	t.Parallel()
	server := dbtest.StartMariaDB(t)
	server.CreateDatabase(t, "app")
	server.CreateDatabase(t, "other")
	withPassword := server.WithPassword(t, "app", "correct")
	stopped := dbtest.StartMariaDB(t)
	stopped.Stop()
	frozen := dbtest.StartMariaDB(t)
	frozen.Freeze()
	full := dbtest.StartMariaDB(t)
	full.CreateDatabase(t, "app")
	crowded := full.WithPassword(t, "app", "hush")
	crowd := open(t, crowded, &database.Options{MaxConnections: 10})
	exec(t, open(t, full.URL("app"), nil), "SET GLOBAL max_connections = 10")
	for range 10 {
		c, err := crowd.SQL().Conn(t.Context())
		if err != nil {
			break // the administrator's connections count
		}
		t.Cleanup(func() { c.Close() })
	}

	for name, tt := range map[string]struct {
		url, reason string
		atOnce      bool
	}{
		"no server":               {stopped.URL("app"), "connection refused (waited 300ms)", false},
		"a server that is silent": {frozen.URL("app"), "no answer (waited 300ms)", false},
		"no such host":            {"mysql://app:hush@nowhere.invalid/app", `host "nowhere.invalid" not found (waited 300ms)`, false},
		"no socket":               {"mysql://app:hush@/app?socket=/nowhere/socket", "no server at /nowhere/socket (waited 300ms)", false},
		"a wrong password":        {strings.Replace(withPassword, "correct", "hush", 1), `password refused for user "owner_of_app"`, true},
		"no password":             {strings.Replace(withPassword, ":correct", "", 1), `password refused for user "owner_of_app"`, true},
		"no database":             {server.URL("missing"), `database "missing" does not exist`, true},
		"another's database":      {strings.Replace(withPassword, "/app", "/other", 1), `user "owner_of_app" may not use database "other"`, true},
		"no TLS":                  {server.URL("app") + "?tls=true", "server refused TLS connection (waited 300ms)", false},
		"no such collation":       {server.URL("app") + "?collation=utf8mb4_none", "Unknown collation: 'utf8mb4_none'", true},
		"too many connections":    {crowded, "Too many connections (waited 300ms)", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			timeout := 300 * time.Millisecond
			if tt.atOnce {
				timeout = time.Minute
			}
			start := time.Now()
			err := open(t, tt.url, &database.Options{ConnectTimeout: timeout, Logger: slog.New(slog.DiscardHandler)}).Connect(t.Context())
			e, ok := errors.AsType[*database.ConnectError](err)
			if !ok {
				t.Fatalf("%v, want a *ConnectError", err)
			}
			if e.Reason != tt.reason {
				t.Errorf("reason %q, want %q (from: %v)", e.Reason, tt.reason, e.Err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			if text := e.Error() + e.Hint() + e.Unwrap().Error(); strings.Contains(text, "hush") || strings.Contains(e.Error(), "\n") || e.Hint() == "" {
				t.Errorf("text: %s", text)
			}
		})
	}
}

func TestMySQLOverASocket(t *testing.T) {
	t.Parallel()
	address := dbtest.MariaDB(t)
	var socket string
	if err := open(t, address, nil).QueryRowContext(t.Context(), "SELECT @@socket").Scan(&socket); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host, u.RawQuery = "", url.Values{"socket": {socket}}.Encode()
	if err := open(t, u.String(), nil).Ping(t.Context()); err != nil {
		t.Errorf("%s: %v", u, err)
	}
}
