package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// RollbackOptions chooses what [Migrator.Rollback] undoes. The zero value is the last
// migration. Steps and Batch exclude each other.
type RollbackOptions struct {
	// Steps is how many migrations to undo. 0 means 1.
	Steps int
	// Batch is the number of the batch to undo, all of it.
	Batch int
}

func (o RollbackOptions) check() error {
	if o.Steps < 0 || o.Batch < 0 || o.Steps > 0 && o.Batch > 0 {
		return fmt.Errorf("roll back %d steps of batch %d: give one of the two, from 1", o.Steps, o.Batch)
	}
	return nil
}

// choose returns what to undo, in that order.
func (o RollbackOptions) choose(applied []record) []record {
	list := slices.Clone(applied)
	slices.Reverse(list)
	if o.Batch > 0 {
		return slices.DeleteFunc(list, func(r record) bool { return r.batch != o.Batch })
	}
	return list[:min(max(o.Steps, 1), len(list))]
}

// Rollback undoes migrations, the last applied first. The result is empty when there
// is nothing to undo. A migration that is not in this program is undone with the SQL
// that was stored when it was applied. When one of them has no way back, nothing is
// undone.
func (m *Migrator) Rollback(ctx context.Context, o RollbackOptions) (Result, error) {
	var result Result
	if err := o.check(); err != nil {
		return result, err
	}
	applied, err := records(ctx, m.db)
	if err != nil || len(o.choose(applied)) == 0 {
		return result, err
	}
	err = m.locked(ctx, nil, func(ctx context.Context, t *turn) error { return t.rollback(ctx, o, &result) })
	return result, m.explain(err)
}

func (t *turn) rollback(ctx context.Context, o RollbackOptions, result *Result) error {
	applied, err := records(ctx, t.s)
	if err != nil {
		return err
	}
	if dirty := t.m.plan(nil, applied).dirty; len(dirty) > 0 {
		return t.dirty(ctx, dirty[0])
	}
	chosen := o.choose(applied)
	list, err := t.m.waysBack(ctx, t.s, chosen)
	if err != nil {
		return err
	}
	for i, mig := range list {
		stop, err := t.tell(ctx, "rolling back "+numbered(i, len(list), mig.Name))
		if err != nil {
			return err
		}
		start := time.Now()
		err = t.undo(ctx, mig)
		stop()
		if err != nil {
			if dirty, ok := errors.AsType[*DirtyError](err); ok {
				dirty.Applied, dirty.Down = result.Applied, true
				return dirty
			}
			return &Error{Name: mig.Name, Err: withContext(ctx, err), Applied: result.Applied, Down: true}
		}
		a := Applied{mig.Name, chosen[i].batch, time.Since(start)}
		t.m.log().InfoContext(ctx, "migration rolled back", "name", a.Name, "duration", a.Duration.Round(time.Microsecond))
		result.Applied = append(result.Applied, a)
	}
	return nil
}

// waysBack returns the migrations of some records, or an error if one of them cannot
// be undone.
func (m *Migrator) waysBack(ctx context.Context, c database.Conn, chosen []record) ([]Migration, error) {
	list := make([]Migration, len(chosen))
	for i, r := range chosen {
		mig, found := m.find(r.name)
		var err error
		switch {
		case !found:
			mig, err = storedWayBack(ctx, c, r.name)
		case mig.Down == nil:
			err = fmt.Errorf("%w: it has no Down", errNoWayBack)
		}
		if err != nil {
			return nil, &Error{Name: r.name, Err: err, Down: true}
		}
		list[i] = mig
	}
	return list, nil
}

// undo rolls back one migration.
func (t *turn) undo(ctx context.Context, mig Migration) error {
	if t.marks(mig) {
		return t.marked(ctx, mig, markedRun{
			begin: func(ctx context.Context, c database.Conn) error {
				return mark(ctx, c, mig.Name, stateApplied, stateDown)
			},
			run:    mig.Down,
			finish: func(ctx context.Context, c database.Conn) error { return erase(ctx, c, mig.Name) },
			undo: func(ctx context.Context, c database.Conn) error {
				return mark(ctx, c, mig.Name, stateDown, stateApplied)
			},
		})
	}
	return t.patiently(ctx, mig.Name, func() error {
		return t.inTransaction(ctx, func(ctx context.Context, c database.Conn) error {
			if _, err := t.begin(ctx, c, mig.Name); err != nil {
				return err
			}
			if err := mig.Down(ctx, schema.New(c)); err != nil {
				return err
			}
			return erase(ctx, c, mig.Name)
		})
	})
}
