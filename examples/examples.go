// Package examples holds applications made with Kit, each a folder with what is its own:
// the Go code and the sources of its pages. `kit new --example` adds the rest of a new
// application to it.
package examples

import "embed"

// Files is this folder. The prefix all: is for .gitkeep.
//
//go:embed all:uptime
var Files embed.FS
