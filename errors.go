package kit

import (
	"context"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/web"
)

// errors returns how errors are answered: with details in development, and nowhere else.
func (a *App) errors() *web.Errors {
	e := &web.Errors{Logger: a.Logger, Page: a.ErrorPage}
	if a.Config.Environment == "development" {
		e.Details, e.Queries = true, queriesOf
	}
	if a.Pages != nil {
		e.First = a.Pages.Error
	}
	return e
}

// queriesOf returns the queries of a request, for the page with details.
func queriesOf(ctx context.Context) []web.Query {
	var list []web.Query
	for _, s := range database.Traced(ctx) {
		list = append(list, web.Query{SQL: s.SQL, Duration: s.Took.Round(time.Microsecond).String(), At: s.At, Failed: s.Err != nil})
	}
	return list
}
