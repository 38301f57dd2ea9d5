// Closures registers its routes in functions without a name.
package main

import (
	"net/http"

	"github.com/kitgo/kit/web"
)

type app struct{ Routes func(*web.Router) }

func page(http.ResponseWriter, *http.Request) error { return nil }

func main() { _ = load() }

func load() *app {
	return &app{Routes: func(r *web.Router) {
		r.Get("/", page).Name("home")
		r.Group("/posts", func(r *web.Router) {
			r.Get("/{id}", page).Name("posts.show")
			tags := func(r *web.Router) { r.Get("/tags/{tag}", page).Name("posts.tags") }
			tags(r)
		})
		r.Host("{team}.example.com", team)
		r.Group("/api", func(r *web.Router) { r.Host("api.example.com", team2) })
		r.Group("/later", later)
		r.Group("/made", made(false))
		login(r)
	}}
}

func login(r *web.Router) { r.Post("/login", page).Name("login") }

func team(r *web.Router) { r.Get("/team", page).Name("team") }

func team2(r *web.Router) { r.Get("/team", page).Name("api.team") }

var later = func(r *web.Router) { r.Delete("/{id}", page).Name("later.destroy") }

// These are not given a router by any other one here.
var other = app{Routes: func(r *web.Router) { r.Get("/other", page).Name("other") }}

func elsewhere() func(*web.Router) {
	return func(r *web.Router) { r.Get("/elsewhere", page).Name("elsewhere") }
}

func made(more bool) func(*web.Router) {
	if more {
		return func(r *web.Router) { r.Get("/more", page).Name("made.more") }
	}
	return func(r *web.Router) { r.Get("/{id}", page).Name("made.show") }
}
