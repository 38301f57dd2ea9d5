// Package tasks holds what the scheduler runs.
package tasks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kitgo/kit/examples/uptime/models"
)

// CheckSites asks every site whether it is up, and records what it answered.
type CheckSites struct {
	sites   *models.Sites
	client  *http.Client
	workers int
}

// NewCheckSites returns the task. It asks as many sites at the same time as there are
// workers, and takes one that has not answered within the time-out for down.
func NewCheckSites(sites *models.Sites, workers int, timeout time.Duration) *CheckSites {
	return &CheckSites{sites, &http.Client{
		Timeout: timeout,
		// Visitors come without a connection, too.
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true},
	}, workers}
}

// Run does it once; it stops when ctx ends.
func (t *CheckSites) Run(ctx context.Context) error {
	sites, err := t.sites.All(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(t.workers)
	for _, site := range sites {
		group.Go(func() error {
			check := t.ask(ctx, site)
			if ctx.Err() != nil {
				return ctx.Err() // it was not the site's fault
			}
			if err := t.sites.Record(ctx, check); err != nil {
				return fmt.Errorf("recording the check of %s: %w", site.Name, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// ask asks a site for its page.
func (t *CheckSites) ask(ctx context.Context, site models.Site) models.Check {
	check := models.Check{SiteID: site.ID}
	begin := time.Now()
	status, err := t.get(ctx, site.URL)
	check.Milliseconds = int(time.Since(begin).Milliseconds())
	check.CreatedAt = time.Now().UTC()
	switch failed, _ := errors.AsType[*url.Error](err); {
	case failed != nil && failed.Timeout():
		check.Cause = fmt.Sprintf("no answer within %s", t.client.Timeout)
	case failed != nil:
		check.Cause = shorten(failed.Err.Error())
	case err != nil:
		check.Cause = shorten(err.Error())
	case status >= http.StatusBadRequest:
		check.Cause = fmt.Sprintf("status %d %s", status, http.StatusText(status))
	default:
		check.Up = true
	}
	return check
}

// get returns the status of an address, after redirects.
func (t *CheckSites) get(ctx context.Context, address string) (int, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("User-Agent", "uptime")
	response, err := t.client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// shorten cuts a text to what its column takes.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:299]) + "…"
	}
	return text
}
