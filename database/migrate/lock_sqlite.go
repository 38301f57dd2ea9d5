package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/gofrs/flock"
	"github.com/kitgo/kit/database"
)

// fileLock locks a file beside an SQLite database. When somebody deletes the file,
// two processes may hold the lock; then the transactions keep them apart, each of
// which looks first whether its migration is recorded.
type fileLock struct {
	t    *turn
	path string
	file *flock.Flock // locked; nil without
}

func newFileLock(ctx context.Context, t *turn) (lock, error) {
	// Other processes may write while this one waits for its transaction.
	if _, err := t.s.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", t.m.options.LockTimeout.Milliseconds())); err != nil {
		return nil, fmt.Errorf("set the time to wait for other writers: %w", err)
	}
	return &fileLock{t: t, path: t.m.db.Path() + ".migrate.lock"}, nil
}

// newFlock returns the lock of a path. Programs of other users, who may be let in to
// the database, must be able to open the file.
func newFlock(path string) *flock.Flock { return flock.New(path, flock.SetPermissions(0o644)) }

func (l *fileLock) try(context.Context) (bool, error) {
	// Opened anew for each try: somebody may have replaced the file.
	file := newFlock(l.path)
	ok, err := file.TryLock()
	if err != nil || !ok {
		return false, errors.Join(err, file.Close())
	}
	l.file = file
	return true, nil
}

func (*fileLock) enter(context.Context, database.Conn) error { return nil }

// held tries to share the lock, which its holder does not allow.
func (l *fileLock) held(context.Context) (bool, error) {
	file := newFlock(l.path)
	ok, err := file.TryRLock()
	if err = errors.Join(err, file.Close()); err != nil {
		return false, fmt.Errorf("look at the migration lock: %w", err)
	}
	return !ok, nil
}

func (l *fileLock) free(ctx context.Context) error {
	if l.file == nil {
		return nil
	}
	err := l.t.unregister(ctx)
	return errors.Join(err, l.file.Close())
}
