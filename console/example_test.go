package console_test

import (
	"context"
	"fmt"
	"os"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

func ExampleRun() {
	root := &cobra.Command{Use: "app"}
	root.AddCommand(&cobra.Command{
		Use:   "greet",
		Short: "Say hello",
		RunE: func(c *cobra.Command, _ []string) error {
			return &console.Error{Code: console.Unavailable, Message: "nobody is here", Advice: "come back tomorrow"}
		},
	})
	code := console.Run(context.Background(), root, []string{"greet"}, console.IO{Out: os.Stdout, Err: os.Stdout})
	fmt.Println("exit code", code)
	// Output:
	// error: nobody is here
	// hint: come back tomorrow
	// exit code 69
}
