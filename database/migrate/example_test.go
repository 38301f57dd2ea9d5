package migrate_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

func Example() {
	ctx := context.Background()
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	m, err := migrate.New(db, migrate.Set{List: []migrate.Migration{{
		Name: "m20260131_154500_create_todos_table",
		Up: func(ctx context.Context, s *schema.Builder) error {
			return s.Create(ctx, "todos", func(t *schema.Table) {
				t.ID()
				t.String("title", 200)
			})
		},
		Down: func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, "todos") },
	}}}, &migrate.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := m.Up(ctx, migrate.UpOptions{})
	fmt.Println(len(result.Applied), err)
	result, err = m.Up(ctx, migrate.UpOptions{})
	fmt.Println(len(result.Applied), err)
	result, err = m.Rollback(ctx, migrate.RollbackOptions{})
	fmt.Println(len(result.Applied), err)
	// Output:
	// 1 <nil>
	// 0 <nil>
	// 1 <nil>
}
