package main

import (
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/web"

	"github.com/kitgo/kit/examples/uptime/auth"
	"github.com/kitgo/kit/examples/uptime/controllers"
)

// routes says which address is answered by what.
func (a *app) routes(r *web.Router) {
	r.Use((&web.Input{Validator: validate.New(&validate.Options{Rules: database.Rules(a.db)})}).Middleware)

	status := controllers.NewStatus(a.sites, a.pages)
	r.Get("/", status.Index).Name("status")
	r.Get("/live", status.Live).Name("status.live")

	access := controllers.NewAccess(a.users, a.pages)
	r.Get("/sign-in", access.Show).Name("sign-in")
	r.Post("/sign-in", access.SignIn).Name("sign-in.store").Use(web.RateLimit(10, time.Minute, nil))
	r.Post("/sign-out", access.SignOut).Name("sign-out")

	sites := controllers.NewSites(a.sites, a.pages)
	r.Group("/sites", func(r *web.Router) {
		r.Use(auth.Required)
		r.Get("/", sites.Index).Name("sites.index")
		r.Post("/", sites.Store).Name("sites.store")
		r.Get("/{id}", sites.Show).Name("sites.show")
		r.Put("/{id}", sites.Update).Name("sites.update")
		r.Delete("/{id}", sites.Destroy).Name("sites.destroy")
	})
}
