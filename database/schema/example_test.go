package schema_test

import (
	"context"
	"fmt"

	"github.com/kitgo/kit/database"
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
	s := schema.New(db)
	err = s.Create(ctx, "todos", func(t *schema.Table) {
		t.ID()
		t.String("title", 200)
		t.Bool("done").Default(false)
		t.Timestamps()
	})
	fmt.Println(err)
	fmt.Println(s.HasColumn(ctx, "todos", "done"))
	fmt.Println(s.Drop(ctx, "todo"))
	// Output:
	// <nil>
	// true <nil>
	// example_test.go:28: SQL logic error: no such table: todo (1), in: DROP TABLE "todo"
}
