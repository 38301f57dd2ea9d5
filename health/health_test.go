package health_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kitgo/kit/health"
)

func runner(t *testing.T, changed func(health.Result), checks ...health.Check) *health.Runner {
	t.Helper()
	r, err := health.New(checks, changed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAResultIsKeptAndShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		r := runner(t, nil, health.Check{Name: "slow", Run: func(context.Context) error {
			runs.Add(1)
			time.Sleep(500 * time.Millisecond)
			return nil
		}})
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				if got := r.Run(t.Context()); len(got) != 1 || got[0].Status != health.OK {
					t.Errorf("result %v", got)
				}
			})
		}
		wg.Wait()
		r.Run(t.Context())
		if n := runs.Load(); n != 1 {
			t.Errorf("%d runs for 1001 askers, want 1", n)
		}
		time.Sleep(health.DefaultCache)
		r.Run(t.Context())
		if n := runs.Load(); n != 2 {
			t.Errorf("%d runs after the result was too old, want 2", n)
		}
	})
}

func TestACheckThatIgnoresItsTimeoutHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var runs atomic.Int64
		release := make(chan struct{})
		r := runner(
			t, nil,
			health.Check{Name: "stuck", Timeout: time.Second, Run: func(context.Context) error { runs.Add(1); <-release; return nil }},
			health.Check{Name: "fine", Run: func(context.Context) error { return nil }},
		)
		for range 3 {
			start := time.Now()
			got := r.Run(t.Context())
			if got[0].Status != health.Failed || !errors.Is(got[0].Err, context.DeadlineExceeded) || got[1].Status != health.OK {
				t.Errorf("results %v", got)
			}
			if took := time.Since(start); took > 1100*time.Millisecond {
				t.Errorf("took %s", took)
			}
			time.Sleep(2 * time.Second)
		}
		if n := runs.Load(); n != 1 {
			t.Errorf("%d runs of a check that does not return, want 1", n)
		}
		close(release)
		synctest.Wait()
		time.Sleep(2 * time.Second)
		if got := r.Run(t.Context()); got[0].Status != health.OK || runs.Load() != 2 {
			t.Errorf("after it has returned: %v, %d runs", got, runs.Load())
		}
	})
}

func TestChangesAreReportedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		var changes []string
		check := func(context.Context) error {
			if broken.Load() {
				return errors.New("on purpose")
			}
			return nil
		}
		r := runner(t, func(r health.Result) { changes = append(changes, r.Name+" "+string(r.Status)) },
			health.Check{Name: "a", Run: check}, health.Check{Name: "b", Run: func(context.Context) error { panic("at the disco") }, Optional: true})
		ask := func(times int) {
			for range times {
				r.Run(t.Context())
				time.Sleep(2 * time.Second)
			}
		}
		ask(2)
		broken.Store(true)
		ask(3)
		broken.Store(false)
		ask(2)
		if got := strings.Join(changes, ", "); got != "b warning, a failed, a ok" {
			t.Errorf("changes: %s", got)
		}
		if got := r.RunOne(t.Context(), "b"); got.Err == nil || got.Err.Error() != "panic: at the disco" {
			t.Errorf("b: %v", got)
		}
	})
}

func TestWhoDoesNotWaitLeavesTheOthersTheResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := runner(t, nil, health.Check{Name: "slow", Run: func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
				return nil
			}
		}})
		impatient, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if got := r.Run(impatient)[0]; got.Status != health.Failed || !errors.Is(got.Err, context.DeadlineExceeded) {
				t.Errorf("the impatient one: %v", got)
			}
		})
		wg.Go(func() {
			if got := r.Run(t.Context())[0]; got.Status != health.OK {
				t.Errorf("the other one: %v", got)
			}
		})
		wg.Wait()
	})
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	fine := func(context.Context) error { return nil }
	_, err := health.New([]health.Check{{Name: "a", Run: fine}, {Name: "a", Run: fine}, {Name: "B c", Run: fine}, {Name: "d"}, {Name: "database", Run: fine}}, nil, "database")
	for _, want := range []string{`two health checks have the name "a": the one at health_test.go`, `"B c" (health_test.go`, `"d" has no Run`, `"database" (health_test.go`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
}
