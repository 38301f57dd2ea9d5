package vite_test

import (
	"fmt"
	"testing/fstest"

	"github.com/kitgo/kit/vite"
)

func ExampleBuild_Tags() {
	dist := fstest.MapFS{
		".vite/manifest.json":     {Data: []byte(`{"src/app.tsx": {"file": "assets/app-B3x8Qz1k.js", "css": ["assets/app-Ck2p9Wd0.css"], "isEntry": true}}`)},
		"assets/app-B3x8Qz1k.js":  {},
		"assets/app-Ck2p9Wd0.css": {},
	}
	build, err := vite.New(dist)
	if err != nil {
		fmt.Println(err)
		return
	}
	tags, _ := build.Tags("src/app.tsx")
	fmt.Print(tags)
	// Output:
	// <link rel="stylesheet" href="/assets/app-Ck2p9Wd0.css">
	// <script type="module" src="/assets/app-B3x8Qz1k.js"></script>
}
