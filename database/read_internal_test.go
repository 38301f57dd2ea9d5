package database

import "testing"

func TestWhichQueriesOnlyRead(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]bool{
		"SELECT 1":                                         true,
		" (select a FROM b)":                               true,
		"-- why\nSELECT 1":                                 true,
		"# why\n/* how */ SELECT 1":                        true,
		"SHOW TABLES":                                      true,
		"DESCRIBE users":                                   true,
		"EXPLAIN UPDATE users SET a = 1":                   true,
		"PRAGMA table_info(users)":                         true,
		"WITH x AS (SELECT 1) SELECT * FROM x":             true,
		"SELECT a INTO b FROM c":                           false,
		"SELECT a INTO OUTFILE '/tmp/x' FROM c":            false,
		"INSERT INTO a VALUES (1)":                         false,
		"EXPLAIN ANALYZE DELETE FROM users":                false,
		"PRAGMA journal_mode = WAL":                        false,
		"WITH x AS (SELECT 1) DELETE FROM y":               false,
		"/*! INSERT INTO a */ SELECT * FROM b":             false,
		"/*M!100100 INSERT INTO a */ SELECT * FROM b":      false,
		"/* a */ /*!50000 UPDATE a SET */ SELECT * FROM b": false,
		"": false,
	} {
		if got := isRead(query); got != want {
			t.Errorf("isRead(%q) = %v, want %v", query, got, want)
		}
	}
}
