// Package models holds the tables as Go structs, with their queries.
package models

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
)

// Site is a web site that is watched.
type Site struct {
	ID        int64     `bun:"id,pk,autoincrement"`
	Name      string    `bun:"name"`
	URL       string    `bun:"url"`
	CreatedAt time.Time `bun:"created_at"`
	UpdatedAt time.Time `bun:"updated_at"`
}

// Check is what a site answered once.
type Check struct {
	ID           int64     `bun:"id,pk,autoincrement"`
	SiteID       int64     `bun:"site_id"`
	Up           bool      `bun:"up"`
	Milliseconds int       `bun:"milliseconds"` // until the answer began
	Cause        string    `bun:"cause"`        // why it is not up
	CreatedAt    time.Time `bun:"created_at"`
}

// Incident is a time in which a site was down.
type Incident struct {
	ID       int64      `bun:"id,pk,autoincrement"`
	SiteID   int64      `bun:"site_id"`
	Cause    string     `bun:"cause"`
	OpenedAt time.Time  `bun:"opened_at"`
	ClosedAt *time.Time `bun:"closed_at"`
	Site     *Site      `bun:"rel:belongs-to,join:site_id=id"`
}

// Sites reads and writes the sites and what is known about them.
type Sites struct {
	db *database.DB
}

// NewSites returns the sites in db.
func NewSites(db *database.DB) *Sites {
	return &Sites{db}
}

// All returns the sites by their names.
func (s *Sites) All(ctx context.Context) ([]Site, error) {
	return database.From[Site](s.db).OrderBy("name").OrderBy("id").All(ctx)
}

// Find returns a site, or [database.ErrNotFound].
func (s *Sites) Find(ctx context.Context, id int64) (Site, error) {
	return database.Find[Site](ctx, s.db, id)
}

// Save stores a site: a new one if it has no ID.
func (s *Sites) Save(ctx context.Context, site *Site) error {
	return database.Save(ctx, s.db, site)
}

// Delete removes a site with its checks and incidents.
func (s *Sites) Delete(ctx context.Context, site Site) error {
	return database.Delete(ctx, s.db, &site)
}

// Record stores a check. The second one in a row that finds a site down opens an
// incident; the first that finds it up again closes it.
func (s *Sites) Record(ctx context.Context, check Check) error {
	return database.Tx(ctx, s.db, func(ctx context.Context) error {
		before, err := s.checks(check.SiteID).OrderBy("id DESC").First(ctx)
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		wasDown := err == nil && !before.Up
		if err := database.Insert(ctx, s.db, &check); err != nil {
			return err
		}
		open := database.From[Incident](s.db).Where("site_id = ?", check.SiteID).WhereNull("closed_at")
		if check.Up {
			_, err := open.Update(ctx, map[string]any{"closed_at": check.CreatedAt})
			return err
		}
		known, err := open.Exists(ctx)
		if err != nil || known || !wasDown {
			return err
		}
		return database.Insert(ctx, s.db, &Incident{SiteID: check.SiteID, Cause: check.Cause, OpenedAt: before.CreatedAt})
	})
}

func (s *Sites) checks(siteID int64) *database.Query[Check] {
	return database.From[Check](s.db).Where("site_id = ?", siteID)
}

// ChecksSince returns the checks since a time, in their order, of one site or, if
// siteID is 0, of all.
func (s *Sites) ChecksSince(ctx context.Context, siteID int64, since time.Time) ([]Check, error) {
	q := database.From[Check](s.db).Where("created_at >= ?", since.UTC()).OrderBy("id")
	if siteID != 0 {
		q.Where("site_id = ?", siteID)
	}
	return q.All(ctx)
}

// Incidents returns the newest incidents with their sites, of one site or, if siteID is
// 0, of all.
func (s *Sites) Incidents(ctx context.Context, siteID int64, limit int) ([]Incident, error) {
	q := database.From[Incident](s.db).With("Site").OrderBy("opened_at DESC").OrderBy("id DESC").Limit(limit)
	if siteID != 0 {
		q.Where("site_id = ?", siteID)
	}
	return q.All(ctx)
}

// Down returns the sites that have an open incident, by their IDs.
func (s *Sites) Down(ctx context.Context) (map[int64]bool, error) {
	ids, err := database.Pluck[int64](ctx, database.From[Incident](s.db).WhereNull("closed_at"), "site_id")
	if err != nil {
		return nil, err
	}
	down := make(map[int64]bool, len(ids))
	for _, id := range ids {
		down[id] = true
	}
	return down, nil
}

// Availability is the part of its checks that found a site up.
type Availability struct {
	SiteID int64 `bun:"site_id"`
	Checks int   `bun:"checks"`
	Up     int   `bun:"up"`
}

// Percent is 100 when every check found the site up; nil if there is none.
func (a Availability) Percent() *float64 {
	if a.Checks == 0 {
		return nil
	}
	percent := 100 * float64(a.Up) / float64(a.Checks)
	return &percent
}

// AvailabilityOf counts the checks of one site.
func AvailabilityOf(checks []Check) (a Availability) {
	for _, check := range checks {
		a.Checks++
		if check.Up {
			a.Up++
		}
	}
	return a
}

// AvailabilitySince returns the availability of each site since a time, by its ID.
func (s *Sites) AvailabilitySince(ctx context.Context, since time.Time) (map[int64]Availability, error) {
	q := database.From[Check](s.db).Where("created_at >= ?", since.UTC()).GroupBy("site_id")
	rows, err := database.Into[Availability](q, "site_id", "count(*) AS checks", "sum(CASE WHEN up THEN 1 ELSE 0 END) AS up").All(ctx)
	if err != nil {
		return nil, err
	}
	bySite := make(map[int64]Availability, len(rows))
	for _, row := range rows {
		bySite[row.SiteID] = row
	}
	return bySite, nil
}

// Version is another text whenever there is something new to show.
func (s *Sites) Version(ctx context.Context) (string, error) {
	check, err := database.From[Check](s.db).OrderBy("id DESC").First(ctx)
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return "", err
	}
	sites, err := database.From[Site](s.db).Count(ctx)
	return fmt.Sprintf("%d-%d", check.ID, sites), err
}

// PruneChecks forgets the checks from before t. Incidents stay.
func (s *Sites) PruneChecks(ctx context.Context, t time.Time) error {
	_, err := database.From[Check](s.db).Where("created_at < ?", t.UTC()).Delete(ctx)
	return err
}
