package schedule

import (
	"slices"
	"sync"
	"time"
)

// group is the tasks that are running. The zero value is ready.
type group struct {
	mu      sync.Mutex
	wg      sync.WaitGroup
	running []string
}

func (g *group) start(name string, f func()) {
	g.mu.Lock()
	g.running = append(g.running, name)
	g.mu.Unlock()
	g.wg.Go(func() {
		defer func() {
			g.mu.Lock()
			defer g.mu.Unlock()
			i := slices.Index(g.running, name)
			g.running = slices.Delete(g.running, i, i+1)
		}()
		f()
	})
}

// names returns the names of the tasks that are running.
func (g *group) names() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.running)
}

// idle returns a channel that is closed when no task is running any more. Call it
// only when nothing is started any more.
func (g *group) idle() <-chan struct{} {
	done := make(chan struct{})
	go func() {
		g.wg.Wait()
		close(done)
	}()
	return done
}

// wait waits for all tasks, at most for limit, and reports whether they ended.
func (g *group) wait(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-g.idle():
		return true
	case <-timer.C:
		return false
	}
}
