package schedule

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// group is the tasks that are running. The zero value is ready.
type group struct {
	mu      sync.Mutex
	wg      sync.WaitGroup
	running map[string]int // how often each runs
}

// start calls f in the background. What has no name is not among the names.
func (g *group) start(name string, f func()) {
	g.count(name, 1)
	g.wg.Go(func() {
		defer g.count(name, -1)
		f()
	})
}

func (g *group) count(name string, n int) {
	if name == "" {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running == nil {
		g.running = map[string]int{}
	}
	if g.running[name] += n; g.running[name] == 0 {
		delete(g.running, name)
	}
}

// names returns the names of the tasks that are running, each as often as it runs.
func (g *group) names() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []string
	for _, name := range slices.Sorted(maps.Keys(g.running)) {
		list = append(list, slices.Repeat([]string{name}, g.running[name])...)
	}
	return list
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
