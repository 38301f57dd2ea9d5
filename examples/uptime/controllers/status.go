package controllers

import (
	"context"
	"net/http"
	"time"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/web"

	"github.com/kitgo/kit/examples/uptime/models"
)

// Status is the public page.
type Status struct {
	sites *models.Sites
	pages *inertia.Renderer
}

// NewStatus returns the controller of the public page.
func NewStatus(sites *models.Sites, pages *inertia.Renderer) *Status {
	return &Status{sites, pages}
}

type statusProps struct {
	Sites     []overview `json:"sites"`
	Incidents []incident `json:"incidents"`
}

// Index shows all sites.
func (c *Status) Index(w http.ResponseWriter, r *http.Request) error {
	sites, err := overviews(r.Context(), c.sites, time.Now())
	if err != nil {
		return err
	}
	list, err := incidents(r.Context(), c.sites, 0)
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Cause = ""
	}
	return c.pages.Render(w, r, "Status", statusProps{sites, list})
}

// Live sends an event whenever there is something new. The scheduler may be another
// process, so the database is asked, every two seconds.
func (c *Status) Live(w http.ResponseWriter, r *http.Request) error {
	return web.SendEvents(w, r, func(ctx context.Context, e *web.Events) error {
		ticker := time.NewTicker(2 * time.Second)
		defer ticker.Stop()
		for last := e.LastID(); ; {
			version, err := c.sites.Version(ctx)
			if err != nil {
				return err
			}
			if version != last {
				if err := e.Send(web.Event{ID: version, Data: version}); err != nil {
					return err
				}
				last = version
			}
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
			}
		}
	})
}
