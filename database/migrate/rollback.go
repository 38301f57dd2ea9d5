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

// Rollback undoes migrations, the last applied first. The result is empty when there
// is nothing to undo. When one of them has no Down or is not in this program, nothing
// is undone.
func (m *Migrator) Rollback(ctx context.Context, o RollbackOptions) (Result, error) {
	var result Result
	if o.Steps < 0 || o.Batch < 0 || o.Steps > 0 && o.Batch > 0 {
		return result, fmt.Errorf("roll back %d steps of batch %d: give one of the two, from 1", o.Steps, o.Batch)
	}
	applied, err := records(ctx, m.db)
	if err != nil {
		return result, err
	}
	if len(o.choose(applied)) == 0 {
		return result, nil
	}
	err = m.locked(ctx, func(s *database.Session) error { return m.rollback(ctx, s, o, &result) })
	return result, err
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

// rollback undoes migrations. The caller holds the lock.
func (m *Migrator) rollback(ctx context.Context, s *database.Session, o RollbackOptions, result *Result) error {
	applied, err := records(ctx, s)
	if err != nil {
		return err
	}
	chosen := o.choose(applied)
	list := make([]Migration, len(chosen))
	for i, r := range chosen {
		mig, found := m.find(r.name)
		switch {
		case !found:
			return &Error{Name: r.name, Err: errors.New("it is recorded as applied but is not in this program"), Down: true}
		case mig.Down == nil:
			return &Error{Name: r.name, Err: errors.New("it has no Down"), Down: true}
		}
		list[i] = mig
	}
	for i, mig := range list {
		start := time.Now()
		err := inTransaction(ctx, s, mig, func(ctx context.Context, c database.Conn) error {
			if err := mig.Down(ctx, schema.New(c)); err != nil {
				return err
			}
			return erase(ctx, c, mig.Name)
		})
		if err != nil {
			return &Error{Name: mig.Name, Err: withContext(ctx, err), Applied: result.Applied, NoTransaction: mig.NoTransaction, Down: true}
		}
		a := Applied{mig.Name, chosen[i].batch, time.Since(start)}
		m.log().InfoContext(ctx, "migration rolled back", "name", a.Name, "duration", a.Duration.Round(time.Microsecond))
		result.Applied = append(result.Applied, a)
	}
	return nil
}
