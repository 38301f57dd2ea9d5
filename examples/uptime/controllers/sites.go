package controllers

import (
	"net/http"
	"time"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/web"

	"github.com/kitgo/kit/examples/uptime/models"
)

// Sites is where the sites are looked after.
type Sites struct {
	sites *models.Sites
	pages *inertia.Renderer
}

// NewSites returns the controller of the sites.
func NewSites(sites *models.Sites, pages *inertia.Renderer) *Sites {
	return &Sites{sites, pages}
}

type sitesProps struct {
	Sites []overview `json:"sites"`
}

// Index lists the sites.
func (c *Sites) Index(w http.ResponseWriter, r *http.Request) error {
	sites, err := overviews(r.Context(), c.sites, time.Now())
	if err != nil {
		return err
	}
	return c.pages.Render(w, r, "Sites/Index", sitesProps{sites})
}

type siteForm struct {
	Name string `json:"name" validate:"required,max=80,unique=sites.name"`
	URL  string `json:"url" label:"address" validate:"required,url,max=2000"`
}

// Store adds a site.
func (c *Sites) Store(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[siteForm](r)
	if err != nil {
		return err
	}
	site := models.Site{Name: form.Name, URL: form.URL}
	if err := c.sites.Save(r.Context(), &site); err != nil {
		return err
	}
	if err := c.pages.Flash(w, r, "message", site.Name+" is watched from the next minute on."); err != nil {
		return err
	}
	return web.Redirect(w, r, "/sites")
}

type siteProps struct {
	ID           int64      `json:"id"`
	Name         string     `json:"name"`
	URL          string     `json:"url"`
	Availability *float64   `json:"availability"`
	State        State      `json:"state"`
	Day          [144]slot  `json:"day"` // of the last 24 hours, ten minutes each
	Incidents    []incident `json:"incidents"`
}

// Show shows what is known about a site.
func (c *Sites) Show(w http.ResponseWriter, r *http.Request) error {
	site, err := web.Bound(r, "id", c.sites.Find)
	if err != nil {
		return err
	}
	now := time.Now()
	checks, err := c.sites.ChecksSince(r.Context(), site.ID, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	down, err := c.sites.Down(r.Context())
	if err != nil {
		return err
	}
	list, err := incidents(r.Context(), c.sites, site.ID)
	if err != nil {
		return err
	}
	availability := models.AvailabilityOf(checks)
	props := siteProps{
		ID:           site.ID,
		Name:         site.Name,
		URL:          site.URL,
		Availability: availability.Percent(),
		State:        stateOf(availability, down[site.ID]),
		Incidents:    list,
	}
	fill(props.Day[:], checks, now, 10*time.Minute)
	return c.pages.Render(w, r, "Sites/Show", props)
}

type siteChange struct {
	ID   int64  `path:"id"`
	Name string `json:"name" validate:"required,max=80,unique=sites.name id!=ID"`
	URL  string `json:"url" label:"address" validate:"required,url,max=2000"`
}

// Update changes name and address.
func (c *Sites) Update(w http.ResponseWriter, r *http.Request) error {
	site, err := web.Bound(r, "id", c.sites.Find)
	if err != nil {
		return err
	}
	form, err := web.Bind[siteChange](r)
	if err != nil {
		return err
	}
	site.Name, site.URL = form.Name, form.URL
	if err := c.sites.Save(r.Context(), &site); err != nil {
		return err
	}
	if err := c.pages.Flash(w, r, "message", "Saved."); err != nil {
		return err
	}
	return web.Back(w, r, "/sites")
}

// Destroy removes a site with all that is known about it.
func (c *Sites) Destroy(w http.ResponseWriter, r *http.Request) error {
	site, err := web.Bound(r, "id", c.sites.Find)
	if err != nil {
		return err
	}
	if err := c.sites.Delete(r.Context(), site); err != nil {
		return err
	}
	if err := c.pages.Flash(w, r, "message", site.Name+" is not watched any more."); err != nil {
		return err
	}
	return web.Redirect(w, r, "/sites")
}
