package database

import "context"

// A model may have methods that run before and after its rows are written one by one:
// by [Insert], [InsertMany], [Update], [Save] and [Delete], within the same transaction
// if there is one. They have *T as receiver. An error stops the operation. What is
// changed by a query, such as [Query.Update], does not run them.
type (
	// BeforeInserter may still change the row.
	BeforeInserter interface {
		BeforeInsert(ctx context.Context, c Conn) error
	}
	// AfterInserter has a row with its ID.
	AfterInserter interface {
		AfterInsert(ctx context.Context, c Conn) error
	}
	// BeforeUpdater may still change the row.
	BeforeUpdater interface {
		BeforeUpdate(ctx context.Context, c Conn) error
	}
	// AfterUpdater is told of an update.
	AfterUpdater interface {
		AfterUpdate(ctx context.Context, c Conn) error
	}
	// BeforeDeleter can refuse a deletion.
	BeforeDeleter interface {
		BeforeDelete(ctx context.Context, c Conn) error
	}
	// AfterDeleter is told of a deletion.
	AfterDeleter interface {
		AfterDelete(ctx context.Context, c Conn) error
	}
)
