//go:build measure

package data_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
)

// TestContention lets readers and writers loose on one SQLite file through Kit. Nobody
// may see an error, and no write may be lost.
func TestContention(t *testing.T) {
	p := onSQLite(t)
	p.reset(t)
	db, err := database.Open(p.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fmt.Println("\nReads find a row by its key; writes read a row and update it, in a transaction. Times are the median, the 99th percentile and the longest.")
	fmt.Println("\n| | reads/s | a read | writes/s | a write | errors |\n|---|---|---|---|---|---|")
	for _, crowd := range []crowd{
		{readers: 1, length: 5 * time.Second},
		{readers: 8, length: 5 * time.Second},
		{writers: 1, length: 5 * time.Second},
		{readers: 8, writers: 2, length: 10 * time.Second},
		{readers: 8, writers: 2, length: 10 * time.Second, polite: true},
	} {
		before := changes(t, p)
		reads, writes := crowd.rush(t.Context(), db)
		row := []string{crowd.String()}
		for _, w := range []work{reads, writes} {
			row = append(row, fmt.Sprintf("%.0f", float64(len(w.times))/crowd.length.Seconds()), w.spread())
		}
		printRow(append(row, fmt.Sprint(len(reads.errors)+len(writes.errors))))
		for _, err := range slices.Concat(reads.errors, writes.errors) {
			t.Error(err)
		}
		if stored := changes(t, p) - before; stored != len(writes.times) {
			t.Errorf("%d writes are stored of %d", stored, len(writes.times))
		}
	}
}

// work is what some readers or writers have done.
type work struct {
	times  []time.Duration
	errors []error
}

// crowd is how many work at once, and for how long. They never wait by themselves,
// so that each keeps a CPU for the 10 ms that Go's scheduler gives it, and a writer who
// has got the connection waits for that. Those who are polite let others run after each
// piece of work, as a server does that waits for its next request.
type crowd struct {
	readers, writers int
	length           time.Duration
	polite           bool
}

func (c crowd) String() string {
	text := fmt.Sprintf("readers: %d, writers: %d", c.readers, c.writers)
	if c.polite {
		text += ", who let others run after each"
	}
	return text
}

// rush returns what the readers and the writers did.
func (c crowd) rush(ctx context.Context, db *database.DB) (reads, writes work) {
	var group sync.WaitGroup
	var mu sync.Mutex
	end := time.Now().Add(c.length)
	start := func(n int, total *work, do func(context.Context, *database.DB) error) {
		for range n {
			group.Go(func() {
				w := c.repeat(end, func() error { return do(ctx, db) })
				mu.Lock()
				defer mu.Unlock()
				total.times, total.errors = append(total.times, w.times...), append(total.errors, w.errors...)
			})
		}
	}
	start(c.readers, &reads, read)
	start(c.writers, &writes, write)
	group.Wait()
	return reads, writes
}

func (c crowd) repeat(end time.Time, do func() error) (w work) {
	for begin := time.Now(); begin.Before(end); {
		err := do()
		now := time.Now()
		if err != nil {
			w.errors = append(w.errors, err)
		} else {
			w.times = append(w.times, now.Sub(begin))
		}
		if c.polite {
			runtime.Gosched()
			now = time.Now()
		}
		begin = now
	}
	return w
}

func read(ctx context.Context, db *database.DB) error {
	_, err := database.Find[Guest](ctx, db, rand.Int64N(userCount)+1)
	return err
}

// write counts in the score how often a guest was changed.
func write(ctx context.Context, db *database.DB) error {
	return db.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
		g, err := database.Find[Guest](ctx, tx, rand.Int64N(userCount)+1)
		if err != nil {
			return err
		}
		g.Score++
		return database.Update(ctx, tx, &g)
	})
}

// changes returns the sum of the scores.
func changes(t *testing.T, p *place) int {
	t.Helper()
	var sum float64
	for _, g := range guests(t, p) {
		sum += g.Score
	}
	return int(sum)
}

// spread shows how long the work took.
func (w work) spread() string {
	if len(w.times) == 0 {
		return ""
	}
	slices.Sort(w.times)
	at := func(part float64) time.Duration { return w.times[int(part*float64(len(w.times)-1))] }
	return fmt.Sprintf("%v, %v, %v", at(0.5).Round(time.Microsecond), at(0.99).Round(time.Microsecond), at(1).Round(10*time.Microsecond))
}
