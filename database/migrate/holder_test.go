package migrate_test

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestTheHolderIsShown(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		m := newMigrator(t, open(t, url), []migrate.Migration{creating(2, "a")}, migrate.Options{LockTimeout: 150 * time.Millisecond})
		free := func(when string) {
			t.Helper()
			if l, err := m.Lock(t.Context()); err != nil || l != nil {
				t.Errorf("%s: lock %+v, %v, want none", when, l, err)
			}
		}
		free("in an empty database")
		release := hold(t, url)
		var l *migrate.Lock
		for range 100 { // what is being applied is told after a moment
			var err error
			if l, err = m.Lock(t.Context()); err != nil || l == nil {
				t.Fatalf("lock %v, %v", l, err)
			}
			if l.Applying != "" {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		host, _ := os.Hostname()
		if !strings.Contains(l.Holder, host) || !strings.Contains(l.Holder, strconv.Itoa(os.Getpid())) {
			t.Errorf("holder %q", l.Holder)
		}
		if ago := time.Since(l.Since); ago < 0 || ago > time.Minute || l.Since.Location() != time.UTC {
			t.Errorf("since %v", l.Since)
		}
		if l.Applying != "1 of 1: m20260101_000000_hold" {
			t.Errorf("applying %q", l.Applying)
		}
		_, err := m.Up(t.Context(), migrate.UpOptions{})
		if e, ok := errors.AsType[*migrate.LockError](err); !ok || e.Lock == nil || !strings.Contains(e.Error(), l.Holder) {
			t.Errorf("%v, want a *LockError that names the holder", err)
		}
		if leased := strings.HasSuffix(t.Name(), "pgbouncer"); l.Leased != leased {
			t.Errorf("leased: %v", l.Leased)
		}
		release()
		free("afterwards")
	})
}

// A process that connects directly and one behind a pooler wait for each other.
func TestPooledAndDirectProcessesExcludeEachOther(t *testing.T) {
	t.Parallel()
	direct := dbtest.Postgres(t)
	pooled := dbtest.PgBouncer(t, direct)
	for _, urls := range [][2]string{{direct, pooled}, {pooled, direct}} {
		release := hold(t, urls[0])
		m := newMigrator(t, open(t, urls[1]), []migrate.Migration{creating(2, "a")}, migrate.Options{LockTimeout: 500 * time.Millisecond})
		if _, err := m.Up(t.Context(), migrate.UpOptions{}); err == nil {
			t.Errorf("%s migrates beside %s", urls[1], urls[0])
		} else if _, ok := errors.AsType[*migrate.LockError](err); !ok {
			t.Error(err)
		}
		release()
		up(t, m)
		if _, _, err := m.Fresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestALeaseCanBeRemovedByHand(t *testing.T) {
	t.Parallel()
	direct := dbtest.Postgres(t)
	db := open(t, dbtest.PgBouncer(t, direct))
	m := newMigrator(t, db, []migrate.Migration{creating(1, "a")}, migrate.Options{LockTimeout: 300 * time.Millisecond})
	if l, err := m.Unlock(t.Context()); l != nil || err != nil {
		t.Errorf("in an empty database: %v, %v", l, err)
	}
	up(t, m)
	// As if the clock of the database had jumped back after a process was killed.
	run(t, db, "INSERT INTO kit_migration_lock (id, token, holder, since, applying, expires_at) VALUES (1, 't', 'web-1, process 7', now(), '', now() + interval '1 year')")
	later := newMigrator(t, db, []migrate.Migration{creating(1, "a"), creating(2, "b")}, migrate.Options{LockTimeout: 300 * time.Millisecond})
	if _, err := later.Up(t.Context(), migrate.UpOptions{}); err == nil || !strings.Contains(err.Error(), "web-1, process 7") {
		t.Errorf("%v, want a wait for the lease", err)
	}
	l, err := later.Unlock(t.Context())
	if err != nil || l == nil || l.Holder != "web-1, process 7" {
		t.Errorf("unlock: %+v, %v", l, err)
	}
	up(t, later)

	// A session's lock cannot be removed.
	hold(t, direct)
	if l, err := m.Unlock(t.Context()); l != nil || err != nil {
		t.Errorf("a lock of a connection: %v, %v", l, err)
	}
}
