package migrate

import (
	"context"
	"slices"
	"sort"
	"time"
)

// State says whether a migration was applied.
type State string

// The states of a migration. Missing means recorded as applied, but not in this
// program; Changed, that it is not any more what it was when it was applied; Dirty,
// that it has begun and did not end.
const (
	AppliedState State = "applied"
	Pending      State = "pending"
	Missing      State = "missing"
	Changed      State = "changed"
	Dirty        State = "dirty"
)

// Status is what is known about one migration.
type Status struct {
	Name   string
	Status State
	// Batch, AppliedAt and Duration are zero for a pending migration.
	Batch     int
	AppliedAt time.Time // in UTC
	Duration  time.Duration
	// Late says that it is pending and older than the newest applied one.
	Late bool
	// Journal is for a dirty one.
	Journal *Journal
}

// Status returns every migration of the program and of the database, in order of
// name. It takes no lock and creates nothing.
func (m *Migrator) Status(ctx context.Context) ([]Status, error) {
	applied, err := records(ctx, m.db)
	if err != nil {
		return nil, err
	}
	p := m.plan(m.list, applied)
	list := make([]Status, 0, len(m.list))
	for _, mig := range p.pending {
		list = append(list, Status{Name: mig.Name, Status: Pending, Late: slices.Contains(p.late, mig.Name)})
	}
	missing, changed := set(p.missing), set(p.changed)
	for _, r := range applied {
		s := Status{Name: r.name, Status: AppliedState, Batch: r.batch, AppliedAt: r.at, Duration: r.duration}
		switch {
		case r.dirty():
			s.Status, s.Journal = Dirty, new(Journal)
			if _, err := readJSON(ctx, m.db, r.name, "progress", s.Journal); err != nil {
				return nil, err
			}
		case missing[r.name]:
			s.Status = Missing
		case changed[r.name]:
			s.Status = Changed
		}
		list = append(list, s)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Name < list[j].Name })
	return list, nil
}

func set(names []string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
