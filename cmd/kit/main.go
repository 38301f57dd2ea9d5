// Command kit makes, builds and packs Kit applications; `kit help` lists what it
// can do.
package main

import (
	"os"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:], console.Stdio())) }
