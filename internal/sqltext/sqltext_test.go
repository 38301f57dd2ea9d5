package sqltext_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/sqltext"
)

func texts(list []sqltext.Statement) []string {
	var t []string
	for _, s := range list {
		t = append(t, s.Text)
	}
	return t
}

func TestSplit(t *testing.T) {
	t.Parallel()
	const pg, my, lite = sqltext.Postgres, sqltext.MySQL, sqltext.SQLite
	all := []sqltext.Dialect{pg, my, lite}
	for name, tt := range map[string]struct {
		dialects []sqltext.Dialect
		text     string
		want     []string
	}{
		"nothing":               {all, " \n ; ;\n", nil},
		"two":                   {all, "SELECT 1;\nSELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"strings":               {all, "SELECT ';', 'it''s;'; SELECT 2;", []string{"SELECT ';', 'it''s;'", "SELECT 2"}},
		"a backslash":           {[]sqltext.Dialect{pg, lite}, `SELECT '\'; SELECT 2`, []string{`SELECT '\'`, "SELECT 2"}},
		"an escape":             {[]sqltext.Dialect{my}, `SELECT '\';', "\";"; SELECT 2`, []string{`SELECT '\';', "\";"`, "SELECT 2"}},
		"an escape of Postgres": {[]sqltext.Dialect{pg}, `SELECT E'\';'; SELECT 2`, []string{`SELECT E'\';'`, "SELECT 2"}},
		"a word before":         {[]sqltext.Dialect{pg}, `SELECT note'x'; SELECT 2`, []string{`SELECT note'x'`, "SELECT 2"}},
		"names":                 {[]sqltext.Dialect{pg, lite}, `SELECT ";", "a"";"; SELECT 2`, []string{`SELECT ";", "a"";"`, "SELECT 2"}},
		"backquotes":            {[]sqltext.Dialect{my, lite}, "SELECT `;`; SELECT 2", []string{"SELECT `;`", "SELECT 2"}},
		"brackets":              {[]sqltext.Dialect{lite}, "SELECT [;]; SELECT 2", []string{"SELECT [;]", "SELECT 2"}},
		"an array":              {[]sqltext.Dialect{pg}, "SELECT a[1]; SELECT 2", []string{"SELECT a[1]", "SELECT 2"}},
		"comments":              {all, "-- one; two\nSELECT 1 /* ; */; -- three;\nSELECT 2 -- four", []string{"SELECT 1", "SELECT 2"}},
		"a comment inside":      {all, "SELECT /* ; */ 1;", []string{"SELECT /* ; */ 1"}},
		"only comments":         {all, "-- nothing\n/* here */", nil},
		"minus minus":           {[]sqltext.Dialect{my}, "SELECT 1--1; SELECT 2", []string{"SELECT 1--1", "SELECT 2"}},
		"a hash":                {[]sqltext.Dialect{my}, "SELECT 1; # a; b\nSELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"nested comments":       {[]sqltext.Dialect{pg}, "/* a /* ; */ b; */ SELECT 1; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"comments that run":     {[]sqltext.Dialect{my}, "/*!40101 SET NAMES utf8 */; SELECT 2", []string{"/*!40101 SET NAMES utf8 */", "SELECT 2"}},
		"dollars":               {[]sqltext.Dialect{pg}, "DO $$ BEGIN; END; $$; DO $a$ ; $$ ; $a$; SELECT $1; SELECT a$b$c", []string{"DO $$ BEGIN; END; $$", "DO $a$ ; $$ ; $a$", "SELECT $1", "SELECT a$b$c"}},
		"parentheses":           {all, "CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2); SELECT 3", []string{"CREATE RULE r AS ON INSERT TO a DO (SELECT 1; SELECT 2)", "SELECT 3"}},
		"a transaction":         {all, "BEGIN; SELECT 1; COMMIT;", []string{"BEGIN", "SELECT 1", "COMMIT"}},
		"a case":                {all, "SELECT CASE WHEN a THEN b END; SELECT 2", []string{"SELECT CASE WHEN a THEN b END", "SELECT 2"}},
		"a trigger of SQLite": {
			[]sqltext.Dialect{lite},
			"CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN\n UPDATE a SET b = CASE WHEN c THEN 1 ELSE 2 END; DELETE FROM d;\nEND;\nSELECT 2;",
			[]string{"CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN\n UPDATE a SET b = CASE WHEN c THEN 1 ELSE 2 END; DELETE FROM d;\nEND", "SELECT 2"},
		},
		"a table named trigger": {all, "CREATE TABLE a (trigger int); SELECT 2", []string{"CREATE TABLE a (trigger int)", "SELECT 2"}},
		"a function of Postgres": {
			[]sqltext.Dialect{pg},
			"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END; SELECT 3",
			[]string{"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END", "SELECT 3"},
		},
		"a procedure of MySQL": {
			[]sqltext.Dialect{my},
			"CREATE DEFINER = `root`@`%` PROCEDURE p(n int)\nBEGIN\n DECLARE i int DEFAULT IF(n > 1, 1, 2);\n IF (n > 1) THEN SET i = 1; ELSEIF n = 0 THEN SET i = REPEAT('x', 2); ELSE SET i = 3; END IF;\n l: LOOP SET i = i + 1; LEAVE l; END LOOP;\n WHILE i < 2 DO SET i = 2; END WHILE;\n REPEAT SET i = 3; UNTIL i > 2 END REPEAT;\n CASE i WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;\n SELECT CASE WHEN i THEN 1 END;\nEND;\nSELECT 2;",
			[]string{"CREATE DEFINER = `root`@`%` PROCEDURE p(n int)\nBEGIN\n DECLARE i int DEFAULT IF(n > 1, 1, 2);\n IF (n > 1) THEN SET i = 1; ELSEIF n = 0 THEN SET i = REPEAT('x', 2); ELSE SET i = 3; END IF;\n l: LOOP SET i = i + 1; LEAVE l; END LOOP;\n WHILE i < 2 DO SET i = 2; END WHILE;\n REPEAT SET i = 3; UNTIL i > 2 END REPEAT;\n CASE i WHEN 1 THEN SELECT 1; ELSE BEGIN END; END CASE;\n SELECT CASE WHEN i THEN 1 END;\nEND", "SELECT 2"},
		},
		"a trigger of MySQL": {
			[]sqltext.Dialect{my},
			"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.b IS NULL THEN SET NEW.b = 1; END IF; SELECT 2;",
			[]string{"CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.b IS NULL THEN SET NEW.b = 1; END IF", "SELECT 2"},
		},
		"a procedure without a body": {[]sqltext.Dialect{my}, "CREATE PROCEDURE p() SELECT 1; SELECT 2", []string{"CREATE PROCEDURE p() SELECT 1", "SELECT 2"}},
		"if exists":                  {[]sqltext.Dialect{my}, "DROP PROCEDURE IF EXISTS p; CREATE TABLE IF NOT EXISTS a (b int); SELECT IF(1, 2, 3)", []string{"DROP PROCEDURE IF EXISTS p", "CREATE TABLE IF NOT EXISTS a (b int)", "SELECT IF(1, 2, 3)"}},
		"a delimiter of dollars": {
			[]sqltext.Dialect{my},
			"DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT a$b, 1; END$$\nSELECT 1$$\nDELIMITER ;\nSELECT 2;",
			[]string{"CREATE PROCEDURE p() BEGIN SELECT a$b, 1; END", "SELECT 1", "SELECT 2"},
		},
		"a delimiter and a comment": {[]sqltext.Dialect{my}, "DELIMITER // -- from here\r\nSELECT 1; SELECT 2//\r\nDELIMITER ;\r\nSELECT 3;", []string{"SELECT 1; SELECT 2", "SELECT 3"}},
		"a byte order mark":         {all, "\ufeffSELECT 1; SELECT 2", []string{"SELECT 1", "SELECT 2"}},
		"columns named begin and end in a trigger of SQLite": {
			[]sqltext.Dialect{lite},
			"CREATE TRIGGER t AFTER INSERT ON a WHEN NEW.end > NEW.begin BEGIN UPDATE a SET begin = end; SELECT begin, end; END; SELECT 2",
			[]string{"CREATE TRIGGER t AFTER INSERT ON a WHEN NEW.end > NEW.begin BEGIN UPDATE a SET begin = end; SELECT begin, end; END", "SELECT 2"},
		},
		"columns named begin and end in a trigger of MySQL": {
			[]sqltext.Dialect{my},
			"CREATE TRIGGER t BEFORE INSERT ON begin FOR EACH ROW BEGIN SET NEW.begin = NEW.end; UPDATE a SET end = 1, begin = 2; SELECT end FROM a; END; SELECT 2",
			[]string{"CREATE TRIGGER t BEFORE INSERT ON begin FOR EACH ROW BEGIN SET NEW.begin = NEW.end; UPDATE a SET end = 1, begin = 2; SELECT end FROM a; END", "SELECT 2"},
		},
		"columns named begin and end in a function of Postgres": {
			[]sqltext.Dialect{pg},
			"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin, a.end, 1 AS end, 2 AS case FROM a; SELECT 1; END; SELECT 3",
			[]string{"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT begin, a.end, 1 AS end, 2 AS case FROM a; SELECT 1; END", "SELECT 3"},
		},
		"an IF that is a function in a CASE": {
			[]sqltext.Dialect{my},
			"CREATE PROCEDURE p() BEGIN SELECT CASE WHEN end THEN IF(end, 1, 2) ELSE IF(a > end, 1, end) END; END; SELECT 2",
			[]string{"CREATE PROCEDURE p() BEGIN SELECT CASE WHEN end THEN IF(end, 1, 2) ELSE IF(a > end, 1, end) END; END", "SELECT 2"},
		},
		"a body without BEGIN": {
			[]sqltext.Dialect{my},
			"CREATE PROCEDURE p(a int) IF a THEN SELECT 1; SELECT 2; END IF; CREATE FUNCTION f() RETURNS int DETERMINISTIC CASE WHEN TRUE THEN RETURN 1; END CASE; SELECT 3",
			[]string{"CREATE PROCEDURE p(a int) IF a THEN SELECT 1; SELECT 2; END IF", "CREATE FUNCTION f() RETURNS int DETERMINISTIC CASE WHEN TRUE THEN RETURN 1; END CASE", "SELECT 3"},
		},
		"handlers and nested blocks": {
			[]sqltext.Dialect{my},
			"CREATE PROCEDURE IF NOT EXISTS p() BEGIN DECLARE EXIT HANDLER FOR 1062, SQLSTATE '23000' BEGIN ROLLBACK; END; IF a THEN SELECT 1; ELSE IF b THEN SELECT 2; END IF; END IF; REPEAT SET @x = REPEAT('a', 2); UNTIL CASE WHEN a THEN end END END REPEAT; END; SELECT 2",
			[]string{"CREATE PROCEDURE IF NOT EXISTS p() BEGIN DECLARE EXIT HANDLER FOR 1062, SQLSTATE '23000' BEGIN ROLLBACK; END; IF a THEN SELECT 1; ELSE IF b THEN SELECT 2; END IF; END IF; REPEAT SET @x = REPEAT('a', 2); UNTIL CASE WHEN a THEN end END END REPEAT; END", "SELECT 2"},
		},
		"a block of MariaDB": {[]sqltext.Dialect{my}, "BEGIN NOT ATOMIC SELECT 1; IF a THEN SELECT 2; END IF; END; SELECT 3", []string{"BEGIN NOT ATOMIC SELECT 1; IF a THEN SELECT 2; END IF; END", "SELECT 3"}},
		"an event": {
			[]sqltext.Dialect{my},
			"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END; CREATE EVENT f ON SCHEDULE EVERY 1 DAY DO DELETE FROM a; SELECT 2",
			[]string{"CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END", "CREATE EVENT f ON SCHEDULE EVERY 1 DAY DO DELETE FROM a", "SELECT 2"},
		},
		"delimiters": {
			[]sqltext.Dialect{my},
			"SELECT 1;\nDELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\nSELECT '//' //\ndelimiter ;\nSELECT 2;",
			[]string{"SELECT 1", "CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT '//'", "SELECT 2"},
		},
	} {
		for _, d := range tt.dialects {
			got, err := sqltext.Split(d, tt.text)
			if diff := cmp.Diff(tt.want, texts(got)); err != nil || diff != "" {
				t.Errorf("%s in %s: %v (-want +got):\n%s", name, d, err, diff)
			}
		}
	}
}

func TestStatementsKnowTheirLinesAndComments(t *testing.T) {
	t.Parallel()
	got, err := sqltext.Split(sqltext.Postgres, "-- first\n\nSELECT\n 1; -- after\n/* two\nlines */ SELECT 2 -- inside\n + 1;\n")
	want := []sqltext.Statement{
		{Text: "SELECT\n 1", Line: 3, Comments: []string{"-- first"}},
		{Text: "SELECT 2 -- inside\n + 1", Line: 6, Comments: []string{"-- after", "/* two\nlines */", "-- inside"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestWhatHasNoEndIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT 1;\nSELECT 'x":   "line 2: this string has no end",
		"SELECT \"x":             "line 1: this quoted name has no end",
		"\n\nSELECT /* x":        "line 3: this comment has no end",
		"DO $body$ x $$ $other$": "line 1: this $body$ has no end",
	} {
		if _, err := sqltext.Split(sqltext.Postgres, text); err == nil || err.Error() != want {
			t.Errorf("Split(%q) = %v, want %s", text, err, want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"SELECT 1; SELECT ';'", "CREATE TRIGGER t BEGIN SELECT 1; END; x", "DELIMITER //\na//b", "$a$;$a$;/*;*/", "E'\\';'[;]`;`",
		"CREATE PROCEDURE p() BEGIN REPEAT SELECT CASE WHEN a THEN IF(b,1,2) END; UNTIL b END REPEAT; END; x", "CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE a WHEN b THEN c END; END; x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, d := range []sqltext.Dialect{sqltext.Postgres, sqltext.MySQL, sqltext.SQLite} {
			list, err := sqltext.Split(d, text)
			if err != nil || strings.Contains(strings.ToUpper(text), "DELIMITER") || d == sqltext.MySQL && strings.Contains(text, "--") {
				continue // in MySQL two minus signs are a comment or not, by what follows them
			}
			again, err := sqltext.Split(d, strings.Join(texts(list), "\n;\n"))
			if diff := cmp.Diff(texts(list), texts(again)); err != nil || diff != "" {
				t.Errorf("%s: splitting %q again: %v (-first +second):\n%s", d, text, err, diff)
			}
		}
	})
}
