package migrate

import (
	"context"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
)

// tellAfter is how long a migration must be under way to be told of: most are done
// before.
const tellAfter = 10 * time.Millisecond

// numbered says which migration it is: "3 of 20: m2026…".
func numbered(i, total int, name string) string { return fmt.Sprintf("%d of %d: %s", i+1, total, name) }

// tell writes down what this process is working on, for those who wait, once it takes
// long enough, and logs it every few seconds until stop is called.
func (t *turn) tell(ctx context.Context, what string) (stop func(), err error) {
	soon := time.After(tellAfter)
	if t.shared && t.s.Dialect() == database.SQLite {
		// Nothing can be written while a migration's transaction is open.
		if err := t.applying(ctx, t.s, what); err != nil {
			return nil, err
		}
		soon = nil
	}
	start := time.Now()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(logEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-soon:
				t.tellOthers(ctx, what)
			case <-tick.C:
				t.m.log().InfoContext(ctx, "migrating", "migration", what, "running", time.Since(start).Round(time.Second))
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}, nil
}

// tellOthers writes it down. A statement that has been sent is waited for: a cancelled
// one is worth nothing here, and PgBouncer 1.18 ends when the client of a cancellation
// leaves before it was answered.
func (t *turn) tellOthers(ctx context.Context, what string) {
	ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewEvery)
	defer cancel()
	if err := t.applying(ask, t.m.db, what); err != nil && ctx.Err() == nil {
		t.m.log().WarnContext(ctx, "telling others what is being applied", "error", err)
	}
}

func (t *turn) applying(ctx context.Context, c database.Conn, what string) error {
	if !t.shared {
		return nil
	}
	if _, err := c.ExecContext(ctx, "UPDATE "+lockTable+" SET applying = ? WHERE id = 1 AND token = ?", what[:min(len(what), 300)], t.token); err != nil {
		return fmt.Errorf("write down what is being applied: %w", err)
	}
	return nil
}
