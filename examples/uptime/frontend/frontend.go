// Package frontend embeds the built pages.
package frontend

import (
	"embed"
	"io/fs"

	"github.com/kitgo/kit/vite"
)

//go:embed all:dist
var dist embed.FS

// Build opens the embedded build. Before the first `kit build` it is empty. With the
// address of Vite's development server, that has the pages instead.
func Build(development string) (*vite.Build, error) {
	if development != "" {
		return vite.Development(development), nil
	}
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, err
	}
	return vite.New(files)
}
