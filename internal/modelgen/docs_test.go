package modelgen_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// library is the migration of docs/models-from-the-schema.md.
func library(ctx context.Context, s *schema.Builder) error {
	return errors.Join(
		s.Create(ctx, "authors", func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.String("api_token", 80).Nullable()
			t.String("language", 2).Default("en")
			t.Timestamps()
		}),
		s.Create(ctx, "books", func(t *schema.Table) {
			t.ID()
			t.ForeignID("author_id").References("authors")
			t.Decimal("price", 10, 2)
		}),
	)
}

// The page shows what this code and db:sync have.
func TestThePageShowsWhatIsMade(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/models-from-the-schema.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("docs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	db := open(t, dbtest.SQLite(t))
	define(t, db, library)
	dir := models(t, nil)
	sync(t, db, dir)
	have := unindent(string(code)) + unindent(folder(t, dir)["authors_gen.go"])
	blocks := strings.Split(string(page), "```go\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("the page has %d blocks of Go", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		for line := range strings.Lines(unindent(block)) {
			if !strings.Contains(have, strings.TrimRight(line, "),\n")) {
				t.Errorf("the page has a line that is nowhere else: %s", line)
			}
		}
	}
}

// unindent takes the spaces off the lines of a text.
func unindent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}
