//go:build measure

package data_test

import (
	"context"
	"fmt"
	"math/rand/v2"
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
	for _, crowd := range []struct {
		readers, writers int
		length           time.Duration
	}{
		{1, 0, 5 * time.Second},
		{8, 0, 5 * time.Second},
		{0, 1, 5 * time.Second},
		{8, 2, 10 * time.Second},
	} {
		before := changes(t, p)
		reads, writes := rush(t.Context(), db, crowd.readers, crowd.writers, crowd.length)
		row := []string{fmt.Sprintf("%d readers, %d writers", crowd.readers, crowd.writers)}
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

// rush works with that many at once, and returns what the readers and the writers did.
func rush(ctx context.Context, db *database.DB, readers, writers int, length time.Duration) (reads, writes work) {
	var group sync.WaitGroup
	var mu sync.Mutex
	end := time.Now().Add(length)
	start := func(n int, total *work, do func(context.Context, *database.DB) error) {
		for range n {
			group.Go(func() {
				w := repeat(end, func() error { return do(ctx, db) })
				mu.Lock()
				defer mu.Unlock()
				total.times, total.errors = append(total.times, w.times...), append(total.errors, w.errors...)
			})
		}
	}
	start(readers, &reads, read)
	start(writers, &writes, write)
	group.Wait()
	return reads, writes
}

func repeat(end time.Time, do func() error) (w work) {
	for begin := time.Now(); begin.Before(end); {
		err := do()
		now := time.Now()
		if err != nil {
			w.errors = append(w.errors, err)
		} else {
			w.times = append(w.times, now.Sub(begin))
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
