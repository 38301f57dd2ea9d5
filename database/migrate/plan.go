package migrate

import (
	"context"
	"log/slog"
	"strings"
)

// plan is what a list of migrations and the records of a database mean for each
// other.
type plan struct {
	records []record
	pending []Migration
	dirty   []record // begun and not ended
	missing []string // recorded, but not in the program
	changed []string // not what they were when they were applied
	late    []string // pending, but older than the newest applied one
}

// plan compares records with the migrations of the program. Pending are those of
// list, the others are about all migrations.
func (m *Migrator) plan(list []Migration, applied []record) plan {
	p := plan{records: applied}
	known := make(map[string]bool, len(applied))
	newest := ""
	for _, r := range applied {
		known[r.name] = true
		newest = max(newest, r.name)
		mig, found := m.find(r.name)
		switch {
		case r.dirty():
			p.dirty = append(p.dirty, r)
		case !found:
			p.missing = append(p.missing, r.name)
		case mig.changed(r):
			p.changed = append(p.changed, r.name)
		}
	}
	for _, mig := range list {
		if known[mig.Name] {
			continue
		}
		p.pending = append(p.pending, mig)
		if mig.Name < newest {
			p.late = append(p.late, mig.Name)
		}
	}
	return p
}

// changed reports whether a migration is not what it was when it was applied.
func (mig Migration) changed(r record) bool {
	if r.checksum == "" {
		return false
	}
	sum := mig.checksum()
	return sum != "" && sum != r.checksum
}

func (mig Migration) checksum() string {
	if mig.sum == nil {
		return ""
	}
	return mig.sum()
}

// idle reports whether there is nothing to apply and nothing in the way.
func (p plan) idle() bool { return len(p.pending) == 0 && len(p.dirty) == 0 }

// batch is the number of the next batch.
func (p plan) batch() int {
	batch := 1
	for _, r := range p.records {
		batch = max(batch, r.batch+1)
	}
	return batch
}

// warn logs what somebody should look at.
func (p plan) warn(ctx context.Context, log *slog.Logger) {
	for _, w := range []struct {
		text  string
		names []string
	}{
		{"applied migrations have been changed since; the database has what they did before", p.changed},
		{"pending migrations are older than the newest applied one, as after merging two branches", p.late},
		{"the database has migrations that this program does not know: it is ahead of the program", p.missing},
	} {
		if len(w.names) > 0 {
			log.WarnContext(ctx, w.text, "names", strings.Join(w.names, ", "))
		}
	}
}
