package inertia_test

import (
	"fmt"
	"net/http/httptest"
	"testing/fstest"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

func ExampleRenderer_Render() {
	build, err := vite.New(fstest.MapFS{}) // an application embeds its build
	if err != nil {
		fmt.Println(err)
		return
	}
	pages := inertia.New(build, nil)

	type cart struct {
		Items int `json:"items"`
	}
	r := httptest.NewRequest("GET", "/cart", nil)
	r.Header.Set("X-Inertia", "true")
	w := httptest.NewRecorder()
	if err := pages.Render(w, r, "Cart", cart{Items: 3}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(w.Body)
	// Output: {"component":"Cart","props":{"errors":{},"items":3},"url":"/cart","version":""}
}
