package database_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/vite"
)

// The code of the pages in docs/ about databases is here, so that it compiles and runs
// against every database: TestThePagesShowThisCode compares.

type Customer struct {
	ID        int64     `bun:"id,pk,autoincrement"`
	Name      string    `bun:"name"`
	Email     string    `bun:"email"`
	Country   *string   `bun:"country"`
	CreatedAt time.Time `bun:"created_at"`
	UpdatedAt time.Time `bun:"updated_at"`

	Orders      []Order `bun:"rel:has-many,join:id=customer_id"`
	OrdersCount int     `bun:"orders_count,scanonly"`
}

type Order struct {
	ID         int64     `bun:"id,pk,autoincrement"`
	CustomerID int64     `bun:"customer_id"`
	Total      int64     `bun:"total"`
	Paid       bool      `bun:"paid"`
	Details    Details   `bun:"details,type:json"`
	CreatedAt  time.Time `bun:"created_at"`
	DeletedAt  time.Time `bun:"deleted_at,soft_delete,nullzero"`

	Customer *Customer `bun:"rel:belongs-to,join:customer_id=id"`
	Lines    []Line    `bun:"rel:has-many,join:id=order_id"`
	Labels   []Label   `bun:"-" kit:"many-to-many,table:order_labels,join:order_id=label_id"`
}

type Details struct {
	Gift bool   `json:"gift"`
	Note string `json:"note,omitempty"`
}

type Line struct {
	ID      int64  `bun:"id,pk,autoincrement"`
	OrderID int64  `bun:"order_id"`
	Product string `bun:"product"`
}

type Label struct {
	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name"`
}

type Sales struct {
	CustomerID int64 `bun:"customer_id"`
	Total      int64 `bun:"total"`
}

// shop has two customers: Ann in Italy with three orders, Bob without.
func shop(t *testing.T, url string) *database.DB {
	t.Helper()
	db := open(t, url, nil)
	s := schema.New(db)
	create := func(name string, define func(*schema.Table)) {
		t.Helper()
		if err := s.Create(t.Context(), name, define); err != nil {
			t.Fatal(err)
		}
	}
	create("customers", func(t *schema.Table) {
		t.ID()
		t.String("name", 80)
		t.String("email", 80).Unique()
		t.String("country", 2).Nullable()
		t.Timestamps()
	})
	create("orders", func(t *schema.Table) {
		t.ID()
		t.ForeignID("customer_id").References("customers")
		t.BigInteger("total")
		t.Bool("paid").Default(false)
		t.JSON("details").Nullable()
		t.Timestamp("created_at")
		t.Timestamp("deleted_at").Nullable()
	})
	create("lines", func(t *schema.Table) {
		t.ID()
		t.ForeignID("order_id").References("orders")
		t.String("product", 80)
	})
	create("labels", func(t *schema.Table) {
		t.ID()
		t.String("name", 80)
	})
	create("order_labels", func(t *schema.Table) {
		t.BigInteger("order_id")
		t.BigInteger("label_id")
		t.PrimaryKey("order_id", "label_id")
	})
	ctx := t.Context()
	err := errors.Join(
		database.InsertMany(ctx, db, []Customer{{Name: "Ann", Email: "ann@example.com", Country: new("it")}, {Name: "Bob", Email: "bob@example.com"}}),
		database.InsertMany(ctx, db, []Order{{CustomerID: 1, Total: 100, Paid: true, Details: Details{Gift: true}}, {CustomerID: 1, Total: 50, Paid: true}, {CustomerID: 1, Total: 7}}),
		database.InsertMany(ctx, db, []Line{{OrderID: 1, Product: "lamp"}, {OrderID: 1, Product: "bulb"}, {OrderID: 2, Product: "chair"}}),
		database.InsertMany(ctx, db, []Label{{Name: "urgent"}}),
	)
	if err != nil {
		t.Fatal(err)
	}
	exec(t, db, "INSERT INTO order_labels (order_id, label_id) VALUES (2, 1)")
	return db
}

func TestGuideToQueries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := shop(t, url)
		ctx := t.Context()

		orders, err := database.From[Order](db).Where("paid = ? AND total >= ?", true, 50).OrderBy("total DESC").Limit(20).All(ctx)
		check(t, err, len(orders) == 2 && orders[0].Total == 100)
		order, err := database.Find[Order](ctx, db, 2) // or database.ErrNotFound, which is a 404
		check(t, err, order.Total == 50)
		first, err := database.From[Order](db).Latest().First(ctx)
		check(t, err, first.ID > 0)
		only, err := database.From[Customer](db).Where("email = ?", "ann@example.com").Sole(ctx) // not none, not two
		check(t, err, only.Name == "Ann")

		email, since := "bob@example.com", time.Now().Add(-time.Hour)
		q := database.From[Customer](db)
		q.Where("email = ?", email)
		q.Where("id IN (?)", []int64{1, 2, 3})
		q.WhereNamed("created_at > :since AND name <> :name", map[string]any{"since": since, "name": "Zoe"})
		q.WhereMap(map[string]any{"name": "Bob", "country": nil}) // nil is NULL
		q.WhereIn("name", []string{"Ann", "Bob"})
		q.WhereBetween("created_at", since, time.Now().Add(time.Hour))
		q.WhereNull("country")
		q.WherePrefix("email", "bob@") // also WhereContains; % and _ mean themselves
		q.WhereGroup(func(g *database.Query[Customer]) {
			g.Where("name = 'Bob'").OrWhere("name = 'Rob'")
		})
		q.WhereNot(func(g *database.Query[Customer]) { g.Where("name = 'Ann'") })
		q.WhereNotExists(database.From[Order](db).Where("orders.customer_id = customers.id"))
		bob, err := q.Sole(ctx)
		check(t, err, bob.Name == "Bob")

		gifts, err := database.From[Order](db).WhereJSON("details", []string{"gift"}, true).Count(ctx)
		check(t, err, gifts == 1)
		any, err := database.From[Order](db).Where("total > ?", 1000).Exists(ctx)
		check(t, err, !any)
		sum, err := database.Sum[int64](ctx, database.From[Order](db).Where("paid"), "total")
		check(t, err, sum == 150)
		totals, err := database.Pluck[int64](ctx, database.From[Order](db).OrderBy("id"), "total")
		check(t, err, len(totals) == 3)

		paid := database.From[Order](db).Where("paid").GroupBy("customer_id").Having("sum(total) > ?", 100)
		sales, err := database.Into[Sales](paid, "customer_id", "sum(total) AS total").OrderBy("total DESC").All(ctx)
		check(t, err, len(sales) == 1 && sales[0].Total == 150)

		paidOrders := func(q *database.Query[Order]) { q.Where("paid") }
		n, err := database.From[Order](db).Apply(paidOrders).Count(ctx)
		check(t, err, n == 2)

		total := int64(0)
		count := func() error {
			for order, err := range database.From[Order](db).Rows(ctx) { // one at a time, however many
				if err != nil {
					return err
				}
				total += order.Total
			}
			return nil
		}
		check(t, count(), true)
		check(t, err, total == 157)
		err = database.From[Order](db).Chunk(ctx, 1000, func(orders []Order) error {
			return nil // no connection is held here, and the rows may be changed
		})
		check(t, err, true)

		page, err := database.From[Order](db).Latest().Paginate(ctx, 1, 2)
		check(t, err, page.Total == 3 && page.Last == 2 && *page.Next == 2)
		feed, err := database.From[Order](db).OrderBy("created_at DESC").CursorPaginate(ctx, "", 2)
		check(t, err, feed.Next != "" && len(feed.Data) == 2)
		feed, err = database.From[Order](db).OrderBy("created_at DESC").CursorPaginate(ctx, feed.Next, 2)
		check(t, err, feed.Next == "" && len(feed.Data) == 1)
	})
}

func TestGuideToInfiniteLists(t *testing.T) {
	t.Parallel()
	db := shop(t, dbtest.SQLite(t))
	build, err := vite.New(fstest.MapFS{})
	check(t, err, true)
	feed, err := database.From[Order](db).OrderBy("created_at DESC").CursorPaginate(t.Context(), "", 2)
	check(t, err, true)
	for cursor, want := range map[string]string{
		"":        `"previousPage":null,"nextPage":"` + feed.Next + `","currentPage":null`,
		feed.Next: `"nextPage":null,"currentPage":"` + feed.Next + `"`,
	} {
		orders := inertia.Batches(func(ctx context.Context) (inertia.Batch[Order], error) {
			p, err := database.From[Order](db).OrderBy("created_at DESC").CursorPaginate(ctx, cursor, 2)
			return inertia.Batch[Order]{Data: p.Data, Current: cursor, Previous: p.Previous, Next: p.Next, Query: "cursor"}, err
		})
		r := httptest.NewRequest("GET", "/orders", nil)
		r.Header.Set("X-Inertia", "true")
		w := httptest.NewRecorder()
		err := inertia.New(build, nil).Render(w, r, "Orders", map[string]any{"orders": orders})
		if body := w.Body.String(); err != nil || !strings.Contains(body, `"scrollProps":{"orders":{"pageName":"cursor"`) || !strings.Contains(body, want) {
			t.Errorf("%v, %s, want %s", err, body, want)
		}
	}
}

func TestGuideToWriting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := shop(t, url)
		ctx := t.Context()

		order := Order{CustomerID: 2, Total: 30}
		err := database.Insert(ctx, db, &order) // fills in ID and CreatedAt
		check(t, err, order.ID == 4 && !order.CreatedAt.IsZero())
		err = database.InsertMany(ctx, db, []Line{{OrderID: 4, Product: "desk"}, {OrderID: 4, Product: "mat"}})
		check(t, err, true)

		order.Total = 35
		err = database.Update(ctx, db, &order) // all columns, or those that are named:
		check(t, err, true)
		err = database.Update(ctx, db, &order, "total")
		check(t, err, true)
		n, err := database.From[Order](db).Where("paid = ?", false).Update(ctx, map[string]any{
			"paid":  true,
			"total": database.Expr("total + ?", 5),
		})
		check(t, err, n == 2)
		n, err = database.From[Order](db).Where("id = ?", 1).Increment(ctx, "total", 10)
		check(t, err, n == 1)

		customers := []Customer{{Name: "Ann B.", Email: "ann@example.com"}, {Name: "Cid", Email: "cid@example.com"}}
		err = database.Upsert(ctx, db, customers, []string{"email"}, "name") // by the unique index of email
		check(t, err, true)

		err = database.Delete(ctx, db, &order)
		check(t, err, true)
		n, err = database.From[Order](db).Where("total < ?", 50).Delete(ctx)
		check(t, err, n == 1)
		n, err = database.From[Order](db).OnlyTrashed().Where("total < ?", 50).Restore(ctx)
		check(t, err, n == 2)
		n, err = database.From[Line](db).Where("product = ?", "mat").Delete(ctx)
		check(t, err, n == 1)
	})
}

func TestGuideToRelations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := shop(t, url)
		ctx := t.Context()

		customers, err := database.From[Customer](db).With("Orders.Lines").With("Orders.Labels").OrderBy("id").All(ctx)
		check(t, err, len(customers[0].Orders[0].Lines) == 2 && len(customers[1].Orders) == 0)

		customers, err = database.From[Customer](db).WithCount("Orders").OrderBy("id").
			With("Orders", func(r *database.Related) { r.Where("paid").OrderBy("total DESC") }).All(ctx)
		check(t, err, customers[0].OrdersCount == 3 && len(customers[0].Orders) == 2)

		withOrders, err := database.From[Customer](db).WhereHas("Orders", func(r *database.Related) { r.Where("total > ?", 90) }).All(ctx)
		check(t, err, len(withOrders) == 1)
		withLamps, err := database.From[Customer](db).WhereHas("Orders.Lines", func(r *database.Related) { r.Where("product = ?", "lamp") }).All(ctx)
		check(t, err, len(withLamps) == 1)
		without, err := database.From[Customer](db).WhereHasNo("Orders").Count(ctx)
		check(t, err, without == 1)

		orders, err := database.From[Order](db).OrderBy("id").All(ctx)
		check(t, err, len(orders) == 3)
		err = database.Load(ctx, db, orders, "Customer", "Labels")
		check(t, err, orders[0].Customer.Name == "Ann" && orders[1].Labels[0].Name == "urgent")
	})
}

// Stock is a service that knows only the database.
type Stock struct{ db *database.DB }

// Reserve is part of the transaction of its context, if there is one.
func (s Stock) Reserve(ctx context.Context, order int64, product string) error {
	return database.Insert(ctx, s.db, &Line{OrderID: order, Product: product})
}

func TestGuideToTransactions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := shop(t, url)
		ctx := t.Context()
		stock := Stock{db}
		mailed := 0

		err := database.Tx(ctx, db, func(ctx context.Context) error {
			order := Order{CustomerID: 2, Total: 30}
			if err := database.Insert(ctx, db, &order); err != nil {
				return err
			}
			if err := stock.Reserve(ctx, order.ID, "lamp"); err != nil {
				return err // the order is gone, too
			}
			db.AfterCommit(ctx, func(ctx context.Context) { mailed++ })
			return nil
		})
		check(t, err, mailed == 1)

		err = database.TxWith(ctx, db, database.TxOptions{Retries: 3}, func(ctx context.Context) error {
			order, err := database.From[Order](db).ForUpdate().Find(ctx, 1)
			if err != nil {
				return err
			}
			order.Total -= 10
			return database.Update(ctx, db, &order)
		})
		check(t, err, true)

		err = database.Tx(ctx, db, func(ctx context.Context) error {
			err := database.Tx(ctx, db, func(ctx context.Context) error { // a savepoint
				return database.Insert(ctx, db, &Customer{Name: "Ann", Email: "ann@example.com"})
			})
			if duplicate, ok := errors.AsType[*database.UniqueError](err); ok {
				_ = duplicate.Fields() // email: has already been taken
				return nil             // and the transaction goes on
			}
			return err
		})
		check(t, err, true)

		err = db.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
			return database.Insert(ctx, tx, &Label{Name: "handed on"})
		})
		check(t, err, true)
	})
}

func check(t *testing.T, err error, ok bool) {
	t.Helper()
	if err != nil || !ok {
		t.Errorf("err = %v, as expected: %t", err, ok)
	}
}

// Each block of Go in the pages is in this file, apart from indentation, calls of
// check, and lines that stand for the reader's own code.
func TestThePagesShowThisCode(t *testing.T) {
	t.Parallel()
	source := normal(t, "guide_test.go")
	for _, page := range []string{"queries", "relations", "transactions"} {
		text, err := os.ReadFile("../docs/" + page + ".md")
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(text, -1)
		if len(blocks) == 0 {
			t.Errorf("%s.md has no code", page)
		}
		for _, b := range blocks {
			if !bytes.Contains(source, squeeze(b[1])) {
				t.Errorf("%s.md shows code that is not in guide_test.go:\n%s", page, b[1])
			}
		}
	}
}

func normal(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return squeeze(text)
}

// squeeze takes off what layout is: blanks in a row, empty lines, and the checks.
func squeeze(code []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(code)) {
		line = strings.Join(strings.Fields(line), " ")
		if line != "" && !strings.HasPrefix(line, "check(t, ") {
			out.WriteString(line + "\n")
		}
	}
	return out.Bytes()
}
