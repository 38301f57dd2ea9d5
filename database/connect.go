package database

import (
	"context"
	"fmt"
	"time"
)

// The pauses between attempts to connect grow from the first to the last.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
	logEvery   = 5 * time.Second
)

// refusal is why a database does not let us in.
type refusal struct {
	permanent bool // trying again does not help
	reason    string
	hint      string
}

// ConnectError says that the database cannot be reached. It ends a program with
// the exit code 69. Its text has no password; the driver's own words are in Err.
type ConnectError struct {
	URL    string // without its password
	Reason string // such as "connection refused"
	Advice string
	Err    error
}

// Error names the variable DATABASE_URL, where applications have the URL.
func (e *ConnectError) Error() string { return fmt.Sprintf("DATABASE_URL=%q: %s", e.URL, e.Reason) }

// Hint says what to do.
func (e *ConnectError) Hint() string { return e.Advice }

// Unwrap returns the driver's error.
func (e *ConnectError) Unwrap() error { return e.Err }

// ExitCode returns 69.
func (*ConnectError) ExitCode() int { return 69 }

// Connect waits until the database answers, for at most the ConnectTimeout of the
// options. Then, and at once for what waiting does not change, such as a wrong
// password or a directory that cannot be written, the error is a [*ConnectError].
// When ctx ends first, it is the error of ctx.
func (db *DB) Connect(ctx context.Context) error {
	return db.ConnectWithin(ctx, db.options.ConnectTimeout)
}

// ConnectWithin is [DB.Connect] with another time-out.
func (db *DB) ConnectWithin(ctx context.Context, timeout time.Duration) error {
	if err := db.retry(ctx, timeout, db.Ping); err != nil {
		return err
	}
	db.keep()
	return nil
}

// retry makes attempts until one succeeds, as [DB.Connect] says.
func (db *DB) retry(ctx context.Context, timeout time.Duration, attempt func(context.Context) error) error {
	start := time.Now()
	deadline := start.Add(timeout)
	attempts, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	var last error
	nextLog := start
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := attempt(attempts)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// An attempt that was cut by the deadline says less than the one before.
		if last == nil || attempts.Err() == nil {
			last = err
		}
		r := db.target.refusal(last)
		if r.permanent || attempts.Err() != nil {
			if !r.permanent {
				r.reason += fmt.Sprintf(" (waited %s)", timeout)
			}
			return &ConnectError{db.String(), r.reason, r.hint, last}
		}
		if now := time.Now(); !now.Before(nextLog) {
			db.logger().WarnContext(ctx, "the database does not answer yet", "url", db.String(), "reason", r.reason,
				"waited", now.Sub(start).Round(time.Millisecond), "timeout", timeout)
			nextLog = now.Add(logEvery)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-attempts.Done():
		case <-time.After(pause):
		}
	}
}
