package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// Database is a [Store] in the table kit_sessions, which is made when it is needed
// first. It holds a hash of each token: who reads the table, or a backup of it, cannot
// use the sessions. Create it with [NewDatabase].
type Database struct{ db *database.DB }

// NewDatabase returns a Store in a database.
func NewDatabase(db *database.DB) *Database { return &Database{db} }

const table = "kit_sessions"

var tables = schema.Own{{Name: table, Define: func(t *schema.Table) {
	t.String("id", 64)
	t.BigInteger("version")
	t.Binary("data")
	t.Timestamp("expires_at")
	t.PrimaryKey("id")
	t.Index("expires_at")
}}}

// Tables returns the tables of [Database].
func Tables() schema.Own { return tables }

// newToken returns a token that nobody can guess, of 128 bits.
func newToken() string { return rand.Text() }

// looksLikeToken reports whether a token may be one of [newToken]: anything else is not
// worth a query.
func looksLikeToken(token string) bool {
	if len(token) != 26 {
		return false
	}
	for _, c := range []byte(token) {
		if (c < 'A' || c > 'Z') && (c < '2' || c > '7') {
			return false
		}
	}
	return true
}

// hash returns what is stored of a token.
func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Load returns the session of a token. PostgreSQL and SQLite make it last longer in the
// same query.
func (d *Database) Load(ctx context.Context, token string, until time.Time) (Record, error) {
	if !looksLikeToken(token) {
		return Record{}, ErrNone
	}
	now, id := instant(time.Now()), hash(token)
	query, args := "SELECT data, version, expires_at FROM "+table+" WHERE id = ? AND expires_at > ?", []any{id, now}
	if !until.IsZero() && d.db.Dialect() != database.MySQL {
		query = "UPDATE " + table + " SET expires_at = ? WHERE id = ? AND expires_at > ? RETURNING data, version, expires_at"
		args = []any{instant(until), id, now}
	}
	var r Record
	err := d.db.QueryRowContext(ctx, query, args...).Scan(&r.Data, &r.Version, &r.Expires)
	if errors.Is(err, sql.ErrNoRows) || err != nil && !database.InTransaction(ctx, d.db) && tables.Missing(ctx, d.db) {
		return Record{}, ErrNone
	}
	return r, err
}

// Save inserts or updates the session.
func (d *Database) Save(ctx context.Context, token string, r Record, renew bool) (string, error) {
	data, expires := r.Data, instant(r.Expires)
	if token == "" {
		token = newToken()
		return token, tables.With(ctx, d.db, func() error {
			_, err := d.db.ExecContext(ctx, "INSERT INTO "+table+" (id, version, data, expires_at) VALUES (?, 1, ?, ?)", hash(token), data, expires)
			return err
		})
	}
	old := token
	if renew {
		token = newToken()
	}
	result, err := d.db.ExecContext(ctx, "UPDATE "+table+" SET id = ?, version = version + 1, data = ?, expires_at = ? WHERE id = ? AND version = ? AND expires_at > ?",
		hash(token), data, expires, hash(old), r.Version, instant(time.Now()))
	return token, one(result, err)
}

// Delete deletes the session.
func (d *Database) Delete(ctx context.Context, token string, version int64) error {
	if version == 0 {
		_, err := d.db.ExecContext(ctx, "DELETE FROM "+table+" WHERE id = ?", hash(token))
		return err
	}
	return one(d.db.ExecContext(ctx, "DELETE FROM "+table+" WHERE id = ? AND version = ?", hash(token), version))
}

// one returns [ErrConflict] unless a statement has changed a row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		return ErrConflict
	}
	return err
}

// pruned is how many rows a statement deletes at most: so none keeps others waiting.
const pruned = 1000

// Prune deletes expired sessions and returns how many.
func (d *Database) Prune(ctx context.Context) (total int64, err error) {
	if tables.Missing(ctx, d.db) {
		return 0, nil
	}
	query := fmt.Sprintf("DELETE FROM %s WHERE id IN (SELECT id FROM %[1]s WHERE expires_at <= ? LIMIT %d)", table, pruned)
	if d.db.Dialect() == database.MySQL {
		query = fmt.Sprintf("DELETE FROM %s WHERE expires_at <= ? LIMIT %d", table, pruned)
	}
	for now := instant(time.Now()); ; {
		result, err := d.db.ExecContext(ctx, query, now)
		if err != nil {
			return total, fmt.Errorf("session: prune: %w", err)
		}
		n, err := result.RowsAffected()
		total += n
		if err != nil || n < pruned {
			return total, err
		}
	}
}

// instant is an instant as it is stored.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
