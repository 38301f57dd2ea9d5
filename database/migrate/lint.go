package migrate

import (
	"context"
	"go/scanner"
	"go/token"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/lint"
	"github.com/kitgo/kit/internal/sqltext"
)

// Lint returns what the pending migrations would lock, lose or break on a database
// that is in use, by the SQL that [Migrator.Pretend] gives; those that comments accept
// are included. A migration that cannot be pretended to its end is judged as far as it
// got, and its error is in the second result.
func (m *Migrator) Lint(ctx context.Context) (findings []lint.Finding, incomplete []Pretended, err error) {
	pretended, err := m.Pretend(ctx, UpOptions{})
	if err != nil {
		return nil, nil, err
	}
	list := make([]lint.Migration, len(pretended))
	for i, p := range pretended {
		list[i] = lint.Migration{Name: p.Name, Statements: p.SQL, NoTransaction: p.NoTransaction, Accepted: m.accepted(p.Name)}
		if p.Err != nil {
			incomplete = append(incomplete, p)
		}
	}
	server := lint.Server{Dialect: m.db.Dialect(), TypeOf: func(table, column string) string { return m.typeOf(ctx, table, column) }}
	return lint.Check(server, list), incomplete, nil
}

// accepted returns what the comments in the source of a migration accept.
func (m *Migrator) accepted(name string) map[string]string {
	mig, found := m.find(name)
	if !found {
		return nil
	}
	if mig.source != "" {
		statements, err := sqltext.Split(sqltext.Dialect(m.db.Dialect()), mig.source)
		if err != nil {
			return nil // the run will say it
		}
		var comments []string
		for _, s := range statements {
			comments = append(comments, s.Comments...)
		}
		return lint.Accepted(comments...)
	}
	source := m.set.source(name)
	if source == nil {
		return nil
	}
	var comments []string
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile(name, -1, len(source)), source, nil, scanner.ScanComments)
	for {
		_, tok, text := s.Scan()
		if tok == token.EOF {
			return lint.Accepted(comments...)
		}
		if tok == token.COMMENT {
			comments = append(comments, text)
		}
	}
}

// typeOf returns the type of a column as the database has it; "" when there is none.
func (m *Migrator) typeOf(ctx context.Context, table, column string) string {
	var query string
	switch m.db.Dialect() {
	case database.Postgres:
		query = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(?)) AND attname = ? AND NOT attisdropped"
	case database.MySQL:
		query = "SELECT column_type FROM information_schema.columns WHERE table_schema = database() AND table_name = ? AND column_name = ?"
	case database.SQLite: // checks no types
		return ""
	}
	var name string
	if err := m.db.QueryRowContext(ctx, query, table, column).Scan(&name); err != nil {
		return ""
	}
	return name
}
