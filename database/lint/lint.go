// Package lint judges the SQL of migrations before it runs on a database that is in
// use: what would rewrite or lock a table, lose data, or break programs that still run
// the code of the release before.
//
//	findings := lint.Check(lint.Server{Dialect: database.Postgres}, []lint.Migration{{
//		Name:       "m20260301_090000_index_names",
//		Statements: []string{"CREATE INDEX ON users (name)"},
//	}})
//
// It knows the statements by their words and asks nothing of a database, so it stays
// silent about what it does not know. Tables that the same migrations create are new:
// nothing about them is a finding.
//
// A finding is accepted by a comment in the statement or in the migration,
//
//	-- kit:accept index-not-concurrent the table has 200 rows
//
// with the name of the rule and a reason.
package lint

import (
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/sqltext"
)

// Server is the database that the migrations are for.
type Server struct {
	Dialect database.Dialect

	// TypeOf returns the type of a column as the database has it now, such as
	// "character varying(100)" or "varchar(100)", and "" when it is not known. With it,
	// changes of types that cost nothing are told from the others. It may be nil.
	TypeOf func(table, column string) string
}

// Migration is the SQL of one migration, in its order.
type Migration struct {
	Name       string
	Statements []string
	// NoTransaction says that each statement is a transaction of its own.
	NoTransaction bool
	// Accepted are the rules that the migration's own comments accept, with the
	// reasons; see [Accepted].
	Accepted map[string]string
}

// Finding is something to look at before the migration runs.
type Finding struct {
	Migration string `json:"migration"`
	Rule      string `json:"rule"`
	Statement string `json:"statement"`
	// Problem says what happens, and to whom; Safe, how to do it without that.
	Problem string `json:"problem"`
	Safe    string `json:"safe"`
	// Accepted is the reason for which it was accepted; "" when it was not.
	Accepted string `json:"accepted"`
}

// Open returns the findings that were not accepted.
func Open(list []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(list), func(f Finding) bool { return f.Accepted != "" })
}

// marker begins a comment that accepts a finding.
const marker = "kit:accept"

// Accepted returns the rules that comments accept, with the reasons. A rule without a
// reason has an empty one, which accepts nothing.
func Accepted(comments ...string) map[string]string {
	accepted := map[string]string{}
	for _, c := range comments {
		for line := range strings.Lines(c) {
			_, rest, found := strings.Cut(line, marker)
			if !found {
				continue
			}
			rest = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "*/"))
			rule, reason, _ := strings.Cut(rest, " ")
			accepted[rule] = strings.TrimSpace(reason)
		}
	}
	return accepted
}

// Check returns the findings of migrations that run one after the other, in their
// order, accepted ones included.
func Check(s Server, list []Migration) []Finding {
	c := &checker{server: s, fresh: map[string]bool{}}
	for _, m := range list {
		c.migration(m)
	}
	return c.findings
}

// checker goes through the statements.
type checker struct {
	server   Server
	fresh    map[string]bool // tables that are new, by their names in lower case
	findings []Finding

	current   Migration
	statement string
	accepted  map[string]string // of the statement
	added     map[string]bool   // constraints that this migration has added without checking them
}

func (c *checker) migration(m Migration) {
	c.current, c.added = m, map[string]bool{}
	c.statement = ""
	c.badAccepts(m.Accepted)
	replaced := replacedTables(c.server.Dialect, m.Statements)
	for _, text := range m.Statements {
		c.statement = text
		tokens, err := sqltext.Tokens(sqltext.Dialect(c.server.Dialect), text)
		if err != nil {
			continue // the database will say it better
		}
		var comments []string
		tokens = slices.DeleteFunc(tokens, func(t sqltext.Token) bool {
			if t.Kind == sqltext.Comment {
				comments = append(comments, t.Text)
			}
			return t.Kind == sqltext.Comment
		})
		c.accepted = Accepted(comments...)
		c.badAccepts(c.accepted)
		for _, o := range read(tokens) {
			c.judge(o, replaced)
			c.remember(o)
		}
	}
}

// badAccepts reports comments that accept nothing.
func (c *checker) badAccepts(accepted map[string]string) {
	for rule, reason := range accepted {
		switch _, known := ruleOf(rule); {
		case !known:
			c.findings = append(c.findings, Finding{c.current.Name, "bad-accept", c.statement, "there is no rule " + rule, "write kit:accept, the name of the rule and a reason", ""})
		case reason == "":
			c.findings = append(c.findings, Finding{c.current.Name, "bad-accept", c.statement, "kit:accept " + rule + " has no reason", "write the reason after the name of the rule", ""})
		}
	}
}

// find adds a finding of a rule about a table.
func (c *checker) find(rule, table string) {
	if c.fresh[strings.ToLower(table)] {
		return
	}
	r, _ := ruleOf(rule)
	text := r.texts[c.server.Dialect]
	f := Finding{Migration: c.current.Name, Rule: rule, Statement: c.statement, Problem: text.problem, Safe: text.safe}
	for _, accepted := range []map[string]string{c.accepted, c.current.Accepted} {
		if reason := accepted[rule]; reason != "" {
			f.Accepted = reason
		}
	}
	c.findings = append(c.findings, f)
}

// remember keeps which tables are new.
func (c *checker) remember(o operation) {
	table := strings.ToLower(o.table)
	switch o.kind {
	case createTable:
		c.fresh[table] = true
	case dropTable:
		delete(c.fresh, table)
	case renameTable:
		if c.fresh[table] {
			delete(c.fresh, table)
			c.fresh[strings.ToLower(o.name)] = true
		}
	case addForeignKey, addCheck:
		if o.notValid {
			c.added[strings.ToLower(o.name)] = true
		}
	default:
	}
}

// replacedTables returns the tables that SQLite's way of changing a table drops and
// makes anew: a new table gets their name.
func replacedTables(d database.Dialect, statements []string) map[string]bool {
	replaced, created := map[string]bool{}, map[string]bool{}
	if d != database.SQLite {
		return replaced
	}
	for _, text := range statements {
		tokens, err := sqltext.Tokens(sqltext.SQLite, text)
		if err != nil {
			continue
		}
		tokens = slices.DeleteFunc(tokens, func(t sqltext.Token) bool { return t.Kind == sqltext.Comment })
		for _, o := range read(tokens) {
			if o.kind == createTable {
				created[strings.ToLower(o.table)] = true
			}
			if o.kind == renameTable && created[strings.ToLower(o.table)] {
				replaced[strings.ToLower(o.name)] = true
			}
		}
	}
	return replaced
}
