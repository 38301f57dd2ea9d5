// Package controllers answers requests.
package controllers

import (
	"context"
	"time"

	"github.com/kitgo/kit/examples/uptime/models"
)

// State is what is known about a site now.
type State string

// What a site can be; one that was not asked yet is unknown.
const (
	Unknown State = "unknown"
	Up      State = "up"
	Down    State = "down"
)

// overview is a site at a glance.
type overview struct {
	ID           int64    `json:"id"`
	Name         string   `json:"name"`
	State        State    `json:"state"`
	Availability *float64 `json:"availability"` // percent, of the last 24 hours
	History      [60]slot `json:"history"`      // of the last hour, a minute each
}

// slot is what the checks of a span of time found.
type slot struct {
	Begin        time.Time `json:"begin"`
	Checks       int       `json:"checks"`
	Failed       int       `json:"failed"`
	Milliseconds int       `json:"milliseconds"` // the mean of those that were answered
}

// overviews describes sites as they are at a time.
func overviews(ctx context.Context, m *models.Sites, now time.Time) ([]overview, error) {
	sites, err := m.All(ctx)
	if err != nil {
		return nil, err
	}
	down, err := m.Down(ctx)
	if err != nil {
		return nil, err
	}
	availability, err := m.AvailabilitySince(ctx, now.Add(-24*time.Hour))
	if err != nil {
		return nil, err
	}
	checks, err := m.ChecksSince(ctx, 0, now.Add(-time.Hour))
	if err != nil {
		return nil, err
	}
	bySite := map[int64][]models.Check{}
	for _, check := range checks {
		bySite[check.SiteID] = append(bySite[check.SiteID], check)
	}
	list := make([]overview, len(sites))
	for i, site := range sites {
		list[i] = overview{
			ID:           site.ID,
			Name:         site.Name,
			State:        stateOf(availability[site.ID], down[site.ID]),
			Availability: availability[site.ID].Percent(),
		}
		fill(list[i].History[:], bySite[site.ID], now, time.Minute)
	}
	return list, nil
}

func stateOf(a models.Availability, down bool) State {
	switch {
	case down:
		return Down
	case a.Checks == 0:
		return Unknown
	}
	return Up
}

// fill sorts checks into spans of time, the last of which has now in it.
func fill(slots []slot, checks []models.Check, now time.Time, span time.Duration) {
	first := now.UTC().Truncate(span).Add(-time.Duration(len(slots)-1) * span)
	for i := range slots {
		slots[i].Begin = first.Add(time.Duration(i) * span)
	}
	for _, check := range checks {
		i := int(check.CreatedAt.Sub(first) / span)
		if check.CreatedAt.Before(first) || i >= len(slots) {
			continue
		}
		s := &slots[i]
		s.Checks++
		if check.Up {
			s.Milliseconds += (check.Milliseconds - s.Milliseconds) / (s.Checks - s.Failed)
		} else {
			s.Failed++
		}
	}
}

// incident is a time in which a site was down.
type incident struct {
	ID       int64      `json:"id"`
	Site     string     `json:"site"`
	Cause    string     `json:"cause,omitempty"` // not for everybody: it may name addresses
	OpenedAt time.Time  `json:"openedAt"`
	ClosedAt *time.Time `json:"closedAt"`
}

// incidents returns the newest ones of a site; of all if siteID is 0.
func incidents(ctx context.Context, m *models.Sites, siteID int64) ([]incident, error) {
	found, err := m.Incidents(ctx, siteID, 10)
	list := make([]incident, len(found))
	for i, f := range found {
		list[i] = incident{ID: f.ID, Site: f.Site.Name, Cause: f.Cause, OpenedAt: f.OpenedAt, ClosedAt: f.ClosedAt}
	}
	return list, err
}
