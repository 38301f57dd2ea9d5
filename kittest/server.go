package kittest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

// connected is a server that is connected to when a test needs it.
type connected struct {
	once   sync.Once
	server *server
	err    error
}

// server is a database server that developers have, on which tests may make databases.
type server struct {
	url  *url.URL // of the database that is the way in
	kind kind
}

// kind is what servers of PostgreSQL and of MySQL do differently.
type kind interface {
	create(ctx context.Context, name string) error
	// drop drops a database, also while there are connections to it. It may be gone.
	drop(ctx context.Context, name string) error
	// locked calls f while no other process is in such a call.
	locked(ctx context.Context, f func() error) error
	// ready reports whether there is a template of this name, and notes that it is used.
	ready(ctx context.Context, name string) (bool, error)
	// build makes a template of this name, which exists only when it is complete. It may
	// use the database scratch, which is empty, and need not be there afterwards.
	build(ctx context.Context, name, scratch string, migrate filler) error
	// copier returns the function that makes a database as a template is. Where a copy is
	// not possible, it migrates.
	copier(ctx context.Context, template string, migrate filler) (filler, error)
	// leftovers returns all databases of tests that nobody is connected to.
	leftovers(ctx context.Context) ([]leftover, error)
}

// filler does something to the database of a name: it migrates it, or makes it.
type filler func(ctx context.Context, name string) error

// server returns the server of a URL. It is asked once in a test binary: when it does
// not answer, not every test should wait for it.
func (t *templates) server(ctx context.Context, raw string) (*server, error) {
	t.mu.Lock()
	if t.servers == nil {
		t.servers = map[string]*connected{}
	}
	if t.servers[raw] == nil {
		t.servers[raw] = new(connected)
	}
	c := t.servers[raw]
	t.mu.Unlock()
	c.once.Do(func() { c.server, c.err = connect(ctx, raw) })
	return c.server, c.err
}

func connect(ctx context.Context, raw string) (*server, error) {
	db, err := database.Open(raw, &database.Options{
		MaxConnections: connections,
		ConnectTimeout: 5 * time.Second,
		SlowQuery:      -1, // making a database may take as long
		Logger:         slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return nil, err
	}
	if db.Dialect() == database.SQLite {
		return nil, &database.URLError{URL: db.String(), Problem: "is not the URL of a server"}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("it is not a valid URL")
	}
	if err := db.Connect(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s := &server{url: u}
	if db.Dialect() == database.MySQL {
		s.kind = &mysqlServer{db, s}
	} else {
		s.kind = &postgresServer{db}
	}
	if err := s.kind.locked(ctx, func() error { return s.sweep(ctx) }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// databaseURL returns the URL of a database on the server.
func (s *server) databaseURL(name string) string {
	u := *s.url
	u.Path, u.RawPath = "/"+name, ""
	q := u.Query()
	if q.Has("dbname") { // it would win over the path
		q.Del("dbname")
		u.RawQuery = q.Encode()
	}
	return u.String()
}

// with calls f with a database on the server.
func (s *server) with(name string, f func(*database.DB) error) error {
	db, err := database.Open(s.databaseURL(name), &database.Options{SlowQuery: -1})
	if err != nil {
		return err
	}
	return errors.Join(f(db), db.Close())
}

// template returns the template of a set of migrations, which is made if no test binary
// has made it before.
func (s *server) template(ctx context.Context, set migrate.Set) (template, error) {
	scratch := newName(time.Now())
	if err := s.kind.create(ctx, scratch); err != nil {
		return nil, fmt.Errorf("create a database: %w", err)
	}
	up := func(ctx context.Context, name string) error {
		return s.with(name, func(db *database.DB) error { return up(ctx, db, set) })
	}
	name, err := s.templateName(ctx, scratch, set)
	switch {
	case err == nil && name == "": // of this test binary alone
		name = scratch
		err = up(ctx, scratch)
	case err == nil:
		err = s.kind.locked(ctx, func() error {
			ready, err := s.kind.ready(ctx, name)
			if err != nil || ready {
				return err
			}
			return s.kind.build(ctx, name, scratch, up)
		})
	}
	if err != nil || name != scratch {
		err = errors.Join(err, s.kind.drop(ctx, scratch))
	}
	if err != nil {
		return nil, fmt.Errorf("make the database that tests copy: %w", err)
	}
	make, err := s.kind.copier(ctx, name, up)
	if err != nil {
		return nil, fmt.Errorf("read the database that tests copy: %w", err)
	}
	return &copies{s, make}, nil
}

// copies is a template on a server.
type copies struct {
	server *server
	make   filler
}

func (c *copies) copy(tb testing.TB) (string, error) {
	name := newName(time.Now())
	tb.Cleanup(func() {
		// The context of the test has ended.
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.server.kind.drop(ctx, name); err != nil {
			tb.Errorf("drop the test's database: %v", err)
		}
	})
	if err := c.make(tb.Context(), name); err != nil {
		return "", fmt.Errorf("copy the migrated database: %w", err)
	}
	return c.server.databaseURL(name), nil
}
