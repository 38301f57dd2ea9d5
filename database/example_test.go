package database_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/kitgo/kit/database"
)

type Todo struct {
	ID    int64  `bun:"id,pk,autoincrement"`
	Title string `bun:"title"`
	Done  bool   `bun:"done"`
}

func Example() {
	ctx := context.Background()
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "CREATE TABLE todos (id integer PRIMARY KEY AUTOINCREMENT, title text, done boolean)")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, title := range []string{"write", "test"} {
		if err := database.Insert(ctx, db, &Todo{Title: title}); err != nil {
			fmt.Println(err)
			return
		}
	}
	open, err := database.From[Todo](db).Where("done = ?", false).OrderBy("id DESC").All(ctx)
	fmt.Println(open, err)
	_, err = database.Find[Todo](ctx, db, 3)
	fmt.Println(errors.Is(err, database.ErrNotFound))
	// Output:
	// [{2 test false} {1 write false}] <nil>
	// true
}
