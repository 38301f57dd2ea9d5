package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
)

// Resolve tells what holds after somebody has looked at the database: a migration is
// applied, or it is not. It is for dirty migrations, and with applied for one that was
// changed after it was applied, whose change is accepted by that; for others the error
// says that there is nothing to resolve. Nothing of the migration is run.
func (m *Migrator) Resolve(ctx context.Context, name string, applied bool) error {
	err := m.locked(ctx, nil, func(ctx context.Context, t *turn) error {
		list, err := records(ctx, t.s)
		if err != nil {
			return err
		}
		for _, r := range list {
			if r.name == name {
				return t.resolve(ctx, r, applied)
			}
		}
		if _, found := m.find(name); !found {
			return m.unknown(name)
		}
		return fmt.Errorf("migration %s is pending: there is nothing to resolve", name)
	})
	return m.explain(err)
}

func (t *turn) resolve(ctx context.Context, r record, applied bool) error {
	mig, found := t.m.find(r.name)
	changed := found && mig.changed(r)
	if !r.dirty() && (!changed || !applied) {
		return fmt.Errorf("migration %s is applied and was not changed: there is nothing to resolve", r.name)
	}
	return t.transaction(ctx, func(ctx context.Context, c database.Conn) error {
		if !applied {
			return erase(ctx, c, r.name)
		}
		if r.state == stateDown || !found {
			return mark(ctx, c, r.name, r.state, stateApplied)
		}
		if r.dirty() {
			r.at = time.Now().UTC()
		}
		r.checksum = mig.checksum()
		return complete(ctx, c, r, t.recordWayBack(ctx, c, mig))
	})
}
