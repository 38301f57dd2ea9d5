package integration_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
)

// Four schedulers on one database for a minute and a half. They are killed, frozen and
// started again, and the database is restarted. Each second is worked once, and what the
// history says is what the tasks wrote down.
func TestSchedulersInAStorm(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url, restart := fresh(t, "sqlite"), func() {}
			if kind != "sqlite" {
				server, own := own(t, kind)
				url, restart = own, func() {
					server.Stop()
					time.Sleep(3 * time.Second)
					server.Start()
				}
			}
			vars := []string{"DATABASE_URL=" + url, "FIXTURE_TICKS=true", "FIXTURE_SLOW_TASK=1s"}
			if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
				t.Fatal(got.stderr)
			}
			random := rand.New(rand.NewPCG(uint64(len(kind)), 7))
			workers := make([]*process, 4)
			for i := range workers {
				workers[i] = start(t, fixture(t), vars, "schedule:work")
			}
			workers[0].until(30*time.Second, "working", func() bool { return len(ticks(t, url)) > 2 })
			for round := range 8 {
				time.Sleep(time.Duration(2+random.IntN(4)) * time.Second)
				victim := random.IntN(len(workers))
				switch p := workers[victim]; round % 4 {
				case 0, 2:
					p.signal(syscall.SIGKILL)
					p.wait(10 * time.Second)
					workers[victim] = start(t, fixture(t), vars, "schedule:work")
				case 1:
					p.signal(syscall.SIGSTOP)
					time.Sleep(time.Duration(3+random.IntN(12)) * time.Second)
					p.signal(syscall.SIGCONT)
				case 3:
					restart()
				}
			}
			time.Sleep(15 * time.Second)
			for _, p := range workers {
				p.signal(syscall.SIGTERM)
			}
			for _, p := range workers {
				if code := p.wait(40 * time.Second); code != 0 {
					t.Errorf("exit code %d, want 0", code)
				}
			}
			compareTicks(t, url, vars)
		})
	}
}

// A task that takes longer than its interval, on two schedulers, one of which is killed
// while it runs the task: no two runs at the same time, and the other one goes on.
func TestATaskThatMustNotOverlap(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url, "FIXTURE_ALONE=true", "FIXTURE_SLOW_TASK=1s"}
		if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
			t.Fatal(got.stderr)
		}
		workers := map[string]*process{}
		for range 2 {
			p := start(t, fixture(t), vars, "schedule:work")
			workers[fmt.Sprint(p.cmd.Process.Pid)] = p
		}
		var owner string
		var killed int // how much was written by then
		for _, p := range workers {
			p.until(60*time.Second, "running the task a third time", func() bool {
				notes := texts(t, url, "begin %", "end %")
				if killed = len(notes); killed < 5 {
					return false
				}
				owner = strings.TrimPrefix(notes[killed-1], "begin ")
				return workers[owner] != nil
			})
			break
		}
		workers[owner].signal(syscall.SIGKILL)
		workers[owner].wait(10 * time.Second)
		delete(workers, owner)
		for _, p := range workers {
			p.until(75*time.Second, "going on without the killed one", func() bool { return len(texts(t, url, "begin %", "end %")) >= killed+3 })
		}
		notes := texts(t, url, "begin %", "end %")
		for i := 0; i < len(notes); i += 2 {
			pid, began := strings.CutPrefix(notes[i], "begin ")
			if i == killed-1 && pid == owner {
				i-- // has no end
				continue
			}
			if !began || i+1 < len(notes) && notes[i+1] != "end "+pid {
				t.Fatalf("runs overlapped, or have no end, from %d on: %q", i, notes)
			}
		}
	})
}

// texts returns the notes that are like one of the patterns, in their order.
func texts(t *testing.T, url string, patterns ...string) []string {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	type note struct {
		ID   int64
		Text string
	}
	notes := database.From[note](db).OrderBy("id")
	for _, p := range patterns {
		notes.OrWhere("text LIKE ?", p)
	}
	rows, err := database.Pluck[string](t.Context(), notes, "text")
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// ticks returns how often the task wrote down each second.
func ticks(t *testing.T, url string) map[string]int {
	t.Helper()
	written := map[string]int{}
	for _, text := range texts(t, url, "tick %") {
		written[strings.TrimPrefix(text, "tick ")]++
	}
	return written
}

// compareTicks compares what the task wrote down with the history, and both with the
// clock.
func compareTicks(t *testing.T, url string, vars []string) {
	t.Helper()
	recorded := map[string]string{}
	var instants []time.Time
	for _, r := range history(t, vars, "tick", "--limit", "100000") {
		if before, ok := recorded[r.Due]; ok {
			t.Errorf("%s is recorded twice: %s and %s", r.Due, before, r.Outcome)
		}
		recorded[r.Due] = r.Outcome
		at, err := time.Parse(time.RFC3339, r.Due)
		if err != nil {
			t.Fatal(err)
		}
		instants = append(instants, at)
	}
	slices.SortFunc(instants, time.Time.Compare)
	if len(instants) < 40 {
		t.Fatalf("only %d seconds are recorded", len(instants))
	}
	worked, written := 0, ticks(t, url)
	for at := instants[0]; !at.After(instants[len(instants)-1]); at = at.Add(time.Second) {
		due := at.UTC().Format(time.RFC3339)
		n := written[due]
		worked += n
		delete(written, due)
		switch outcome, ok := recorded[due]; {
		case !ok:
			t.Errorf("%s is not recorded, and was worked %d times", due, n)
		case n > 1, n == 0 && outcome == "ok", n == 1 && outcome == "skipped":
			t.Errorf("%s was worked %d times, and is recorded as %s", due, n, outcome)
		}
	}
	outcomes := map[string]int{}
	for _, outcome := range recorded {
		outcomes[outcome]++
	}
	t.Logf("%d seconds, of which %d were worked: %v", len(instants), worked, outcomes)
	if len(written) > 0 {
		t.Errorf("seconds that are not recorded were worked: %v", written)
	}
	if worked < len(instants)*8/10 {
		t.Errorf("only %d of %d seconds were worked", worked, len(instants))
	}
}
