package kit_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/spf13/cobra"
)

// The code of "Commands of your own" in docs/commands.md is here, so that it compiles and
// runs: TestTheCommandsOfThePage compares.

type User struct {
	ID      int64  `bun:"id,pk,autoincrement"`
	Email   string `bun:"email"`
	Visited bool   `bun:"visited"`
}

// UsersPrune is the command users:prune.
type UsersPrune struct{ DB *database.DB }

// Command says how it is called: its name, arguments, flags and help.
func (u UsersPrune) Command() *cobra.Command {
	var limit int
	c := &cobra.Command{
		Use:   "users:prune",
		Short: "Delete users who never came",
		RunE: func(c *cobra.Command, _ []string) error {
			return u.Run(c.Context(), c.OutOrStdout(), limit)
		},
	}
	c.Flags().IntVar(&limit, "limit", 100, "how many at most")
	return c
}

// Run does it, and prints the result to out; it should stop when ctx ends.
func (u UsersPrune) Run(ctx context.Context, out io.Writer, limit int) error {
	users, err := database.From[User](u.DB).Where("NOT visited").OrderBy("id").Limit(limit).All(ctx)
	if err != nil {
		return err
	}
	for _, user := range users {
		if err := database.Delete(ctx, u.DB, &user); err != nil {
			return err
		}
		fmt.Fprintln(out, "deleted", user.Email)
	}
	return nil
}

func Example_commands() {
	ctx := context.Background()
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `CREATE TABLE users (id integer PRIMARY KEY, email text, visited boolean)`); err != nil {
		fmt.Println(err)
		return
	}
	if err := database.Insert(ctx, db, &User{Email: "ada@example.com", Visited: true}); err != nil {
		fmt.Println(err)
	}
	if err := database.Insert(ctx, db, &User{Email: "spam@example.com"}); err != nil {
		fmt.Println(err)
	}
	command := UsersPrune{DB: db}.Command()
	command.SetArgs([]string{"--limit", "10"})
	command.SetOut(os.Stdout)
	if err := command.ExecuteContext(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: deleted spam@example.com
}

func TestTheCommandsOfThePage(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("commands_example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("docs/commands.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(page), "## Commands of your own")
	parts := strings.Split(text, "```")
	if !ok || len(parts) < 2 {
		t.Fatal("the page shows no code")
	}
	if code := strings.TrimPrefix(parts[1], "go\n"); !strings.Contains(string(source), code) {
		t.Errorf("the page shows code that is not here:\n%s", code)
	}
}
