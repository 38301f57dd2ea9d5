package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/kitgo/kit/internal/nearest"
)

// UpOptions narrows [Migrator.Up]. The zero value applies all that is pending.
type UpOptions struct {
	// To is the name of the last migration to apply.
	To string
	// Step makes each migration a batch of its own.
	Step bool
}

// Applied is a migration that was applied, or rolled back.
type Applied struct {
	Name     string
	Batch    int
	Duration time.Duration
}

// Result is what a call did, in its order.
type Result struct {
	Applied []Applied
}

// Up applies the pending migrations. When there are none it does one query and takes
// no lock. When a migration fails, the error is an [*Error], or a [*DirtyError] when
// some of it stays; those before it stay applied and are in the result. When the lock
// is not free within the LockTimeout, the error is a [*LockError].
func (m *Migrator) Up(ctx context.Context, o UpOptions) (Result, error) {
	var result Result
	list, err := m.upTo(o.To)
	if err != nil {
		return result, err
	}
	applied, err := m.look(ctx)
	if err != nil {
		return result, err
	}
	p := m.plan(list, applied)
	p.warn(ctx, m.log())
	if m.options.RefuseAhead && len(p.missing) > 0 {
		return result, &AheadError{Names: p.missing}
	}
	if p.idle() {
		return result, nil
	}
	needed := func(applied []record) bool { return !m.plan(list, applied).idle() }
	err = m.locked(ctx, needed, func(ctx context.Context, t *turn) error { return t.up(ctx, list, o.Step, &result) })
	return result, m.explain(err)
}

// look returns what was applied. When the database does not answer, it waits for that
// as at the beginning of a start.
func (m *Migrator) look(ctx context.Context) ([]record, error) {
	for {
		attempt, cancel := context.WithTimeout(ctx, answerTimeout)
		list, err := records(attempt, m.db)
		hangs := attempt.Err() != nil && ctx.Err() == nil
		cancel()
		if !hangs {
			return list, err
		}
		if err := m.reconnect(ctx); err != nil {
			return nil, err
		}
	}
}

// upTo returns the migrations up to the one of a name; all when it is empty.
func (m *Migrator) upTo(name string) ([]Migration, error) {
	if name == "" {
		return m.list, nil
	}
	for i, mig := range m.list {
		if mig.Name == name {
			return m.list[:i+1], nil
		}
	}
	return nil, m.unknown(name)
}

func (m *Migrator) unknown(name string) error {
	names := make([]string, len(m.list))
	for i, mig := range m.list {
		names[i] = mig.Name
	}
	return &unknownError{name, nearest.Name(name, names)}
}

// up applies what is pending of a list.
func (t *turn) up(ctx context.Context, list []Migration, step bool, result *Result) error {
	applied, err := records(ctx, t.s) // again: another process may have been first
	if err != nil {
		return err
	}
	p := t.m.plan(list, applied)
	if len(p.dirty) > 0 {
		return t.dirty(ctx, p.dirty[0])
	}
	batch := p.batch()
	for i, mig := range p.pending {
		t.m.report(Progress{Migrating, mig.Name, i + 1, len(p.pending)})
		stop, err := t.tell(ctx, numbered(i, len(p.pending), mig.Name))
		if err != nil {
			return err
		}
		a, err := t.apply(ctx, mig, batch)
		stop()
		if err != nil {
			if dirty, ok := errors.AsType[*DirtyError](err); ok {
				dirty.Applied = result.Applied
				return dirty
			}
			return &Error{Name: mig.Name, Err: withContext(ctx, err), Applied: result.Applied}
		}
		if a == nil {
			continue
		}
		t.m.log().InfoContext(ctx, "migration applied", "name", a.Name, "duration", a.Duration.Round(time.Microsecond))
		result.Applied = append(result.Applied, *a)
		if step {
			batch++
		}
	}
	return nil
}

// dirty returns the refusal to go on after a migration that did not end.
func (t *turn) dirty(ctx context.Context, r record) error {
	e := &DirtyError{Name: r.name, Down: r.state == stateDown, Since: r.at}
	if _, err := readJSON(ctx, t.s, r.name, "progress", &e.Journal); err != nil {
		return err
	}
	return e
}

// withContext makes sure that an error of a migration that was cancelled says so:
// drivers have words of their own for it.
func withContext(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return errors.Join(ctx.Err(), err)
}
