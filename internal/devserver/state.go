package devserver

import "sync"

// Phase is what the development server is about.
type Phase string

// The phases. What was there before goes on while the next one is built and started.
const (
	Building Phase = "building"
	Starting Phase = "starting"
	Running  Phase = "running"
	Failed   Phase = "failed"
)

// State is what browsers and waiting requests are told.
type State struct {
	Phase Phase `json:"phase"`
	// Version counts the programs that have answered: a page of an older one is old.
	Version int `json:"version"`
	// Failure is why the last change did not become a program that runs; "" when it did.
	// It stays until one does.
	Failure  string    `json:"failure,omitempty"`
	Mistakes []Mistake `json:"mistakes,omitempty"`
	Output   string    `json:"output,omitempty"` // of the compiler or of the program
	// Pending are the migrations that have not run.
	Pending []string `json:"pending,omitempty"`
	// Editor opens a file at a line, when Vite runs.
	Editor bool `json:"editor,omitempty"`
}

// board holds the state and the program that answers requests, and wakes up who waits
// for another one.
type board struct {
	mu      sync.Mutex
	state   State
	backend *backend
	changed chan struct{} // closed at the next change
}

func newBoard() *board { return &board{state: State{Phase: Building}, changed: make(chan struct{})} }

func (b *board) read() (State, *backend, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state, b.backend, b.changed
}

// update changes the state, and the program by what f returns.
func (b *board) update(f func(s *State, current *backend) *backend) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backend = f(&b.state, b.backend)
	close(b.changed)
	b.changed = make(chan struct{})
}

func (b *board) enter(p Phase) {
	b.update(func(s *State, current *backend) *backend {
		s.Phase = p
		return current
	})
}

func (b *board) fail(failure string, mistakes []Mistake, output string) {
	b.update(func(s *State, current *backend) *backend {
		s.Phase, s.Failure, s.Mistakes, s.Output = Failed, failure, mistakes, output
		return current
	})
}

// run makes a program the one that answers requests, and returns the one before.
func (b *board) run(next *backend) (before *backend) {
	b.update(func(s *State, current *backend) *backend {
		before = current
		s.Phase, s.Failure, s.Mistakes, s.Output = Running, "", nil, ""
		s.Version++
		return next
	})
	return before
}
