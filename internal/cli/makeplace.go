package cli

import (
	"errors"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
)

// appType is the type of an application.
func appType() gocode.Type { return gocode.Type{Path: kitModule, Name: "App"} }

// routesFunc finds the function with the routes: the one of kit.App.Routes.
func (p *project) routesFunc() (*gocode.Func, error) {
	return gocode.FindFunc(p.dir, gocode.Wanted{
		Literal: appType(), Field: "Routes", Parameter: gocode.Type{Path: kitModule + "/web", Name: "Router"},
	})
}

// scheduleFunc finds the function with the schedule: the one of kit.App.Schedule.
func (p *project) scheduleFunc() (*gocode.Func, error) {
	return gocode.FindFunc(p.dir, gocode.Wanted{
		Literal: appType(), Field: "Schedule", Parameter: gocode.Type{Path: kitModule + "/schedule", Name: "Schedule"},
	})
}

// noPlace reports whether an error says that an application has no function to add to.
func noPlace(err error) bool {
	_, ok := errors.AsType[*gocode.FieldError](err)
	return ok || errors.Is(err, gocode.ErrNoFunc)
}

// explainPlace makes the mistake of an application without a function with its routes, or
// the like, of the error that says so.
func explainPlace(err error, none, advice string) error {
	if !noPlace(err) {
		return err
	}
	if field, ok := errors.AsType[*gocode.FieldError](err); ok {
		none = field.Error()
	}
	return &console.Error{Message: none + "; nothing was written", Advice: advice, Err: err}
}

// noRoutes explains that there is no function with the routes.
func noRoutes(err error) error {
	return explainPlace(err, "there are no routes here", "they look like this: func (a *app) routes(r *web.Router) { … }, and kit.App.Routes names it")
}

// noSchedule explains that there is no function with the schedule.
func noSchedule(err error) error {
	return explainPlace(err, "there is no schedule here", "it looks like this: func (a *app) schedule(s *schedule.Schedule) { … }, and kit.App.Schedule names it")
}
