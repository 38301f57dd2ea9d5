package scaffold_test

import (
	"fmt"

	"github.com/kitgo/kit/internal/scaffold"
)

func ExampleNewApp() {
	files, err := scaffold.NewApp(scaffold.App{
		Name: "shop", Module: "example.com/shop", Database: scaffold.SQLite,
		Kit: scaffold.Kit{Version: "v1.0.0"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		if f.Path == "go.mod" {
			fmt.Print(string(f.Content))
		}
	}
	// Output:
	// module example.com/shop
	//
	// go 1.26
	//
	// require github.com/kitgo/kit v1.0.0
}
