// Package factory makes rows with invented data, for tests and for seeders.
//
//	var Users = factory.New(func(f *factory.Fake) models.User {
//		return models.User{Name: f.Name(), Email: f.Email()}
//	})
//
//	ann, err := Users.With(func(u *models.User) { u.Name = "Ann" }).Create(ctx, db)
//	crowd, err := Users.CreateMany(ctx, db, 5000)
//
// Factories are values: what changes one returns another, so that they can be shared.
//
// # The same data each time
//
// The first row of a factory is the same in each run of a program, so is the second, and
// so on. In tests that run in parallel each gets the next row; a test that wants always
// the same rows, whatever runs beside it, takes a factory with [Factory.Seed].
package factory

import (
	"context"
	"hash/fnv"
	"reflect"
	"runtime"
	"sync/atomic"

	"github.com/kitgo/kit/database"
)

// Factory makes rows of a table. [New] makes it; the zero value makes zero rows. It is
// safe for concurrent use.
type Factory[T any] struct {
	define  func(*Fake) T
	states  []func(i int, row *T)
	parents []parent[T]
	seed    uint64
	made    *atomic.Uint64 // how many rows, also by the factories that came from this one
}

// New returns a factory whose rows define makes. Its seed is the name of that function,
// so that factories make different rows. The name of a literal counts the literals before
// it in the package: [Factory.Seed] is for rows that must stay when the program changes.
func New[T any](define func(f *Fake) T) Factory[T] {
	name := fnv.New64a()
	name.Write([]byte(runtime.FuncForPC(reflect.ValueOf(define).Pointer()).Name()))
	return Factory[T]{define: define, seed: name.Sum64(), made: new(atomic.Uint64)}
}

// With returns a factory that also calls state with each row, after what it did before:
//
//	Admins = Users.With(func(u *models.User) { u.Role = "admin" })
func (f Factory[T]) With(state func(row *T)) Factory[T] {
	return f.Sequence(func(_ int, row *T) { state(row) })
}

// Sequence is [Factory.With] for a state that depends on the row's place in its call of
// MakeMany or CreateMany, which begins at 0:
//
//	Users.Sequence(func(i int, u *models.User) { u.Role = roles[i%len(roles)] })
func (f Factory[T]) Sequence(state func(i int, row *T)) Factory[T] {
	f.states = append(f.states[:len(f.states):len(f.states)], state)
	return f
}

// Seed returns a factory that begins anew, with the rows of this seed: the same for the
// same seed. Rows of another seed have other e-mail addresses, so that both can be in
// one table.
func (f Factory[T]) Seed(seed uint64) Factory[T] {
	f.seed, f.made = seed, new(atomic.Uint64)
	return f
}

// Make returns a row that is not stored. Rows that it belongs to are not made.
func (f Factory[T]) Make() T { return f.make(0) }

// MakeMany returns n rows that are not stored, as [Factory.Make] does.
func (f Factory[T]) MakeMany(n int) []T {
	rows := make([]T, n)
	for i := range rows {
		rows[i] = f.make(i)
	}
	return rows
}

// make returns the next row, the i-th of its call.
func (f Factory[T]) make(i int) (row T) {
	number := uint64(i + 1)
	if f.made != nil {
		number = f.made.Add(1)
	}
	if f.define != nil {
		row = f.define(newFake(f.seed, number))
	}
	for _, state := range f.states {
		state(i, &row)
	}
	return row
}

// Create stores a row, and the rows that it belongs to, all or none, and returns it with
// what the database chose, such as its id. Errors are those of [database.Insert].
func (f Factory[T]) Create(ctx context.Context, c database.Conn) (T, error) {
	rows, err := f.CreateMany(ctx, c, 1)
	if err != nil {
		var none T
		return none, err
	}
	return rows[0], nil
}

// CreateMany stores n rows, as [Factory.Create] does, with as few statements as
// [database.InsertMany] needs.
func (f Factory[T]) CreateMany(ctx context.Context, c database.Conn, n int) ([]T, error) {
	rows := f.MakeMany(n)
	store := func(ctx context.Context, c database.Conn) error {
		for _, p := range f.parents {
			if err := p.create(ctx, c, rows); err != nil {
				return err
			}
		}
		return database.InsertMany(ctx, c, rows)
	}
	run := store
	if len(f.parents) > 0 {
		run = func(ctx context.Context, c database.Conn) error { return transaction(ctx, c, store) }
	}
	if err := run(ctx, c); err != nil {
		return nil, err
	}
	return rows, nil
}

// transaction runs f in a transaction of c.
func transaction(ctx context.Context, c database.Conn, f func(context.Context, database.Conn) error) error {
	b, ok := c.(interface {
		Transaction(context.Context, func(context.Context, *database.Transaction) error) error
	})
	if !ok {
		return f(ctx, c)
	}
	return b.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error { return f(ctx, tx) })
}
