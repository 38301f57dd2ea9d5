package kit_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/acme"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/redis"
	"github.com/kitgo/kit/schedule"
	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

// The code of docs/sessions.md, docs/responses.md and docs/security.md is here, so that
// it compiles and runs: TestThePagesShowThisCode compares.

type Config struct{ kit.Config }

type Cart struct {
	Items []string `json:"items"`
}

const (
	cart   = session.Key[Cart]("cart")
	userID = session.Key[int64]("user_id")
	notice = session.Key[string]("notice")
)

type shop struct {
	pages   *inertia.Renderer
	uploads *os.Root
	links   *web.Signer
	prices  chan int
}

// newShop is an application with a session.
func newShop(_ context.Context, cfg Config, uploads *os.Root) (*kit.App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		return nil, err
	}
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		return nil, err
	}
	links, err := web.NewSigner(cfg.Database.Key)
	if err != nil {
		return nil, err
	}

	sessions := session.New(session.NewDatabase(db), &cfg.Session)
	pages := inertia.New(build, &inertia.Options{Store: inertia.Sessions{}})
	s := &shop{pages: pages, uploads: uploads, links: links, prices: make(chan int, 1)}
	app := &kit.App{
		Config:   cfg.Config,
		DB:       db,
		Sessions: sessions,
		Pages:    pages,
		Routes:   s.routes,
		Schedule: func(s *schedule.Schedule) {
			s.Add("sessions:prune", sessions.Prune).Hourly()
		},
	}

	app.ErrorPage = func(w http.ResponseWriter, r *http.Request, f web.Failure) error {
		return pages.RenderStatus(w, r, f.Status, "Error", map[string]any{"status": f.Status, "message": f.Message})
	}
	return app, nil
}

func (s *shop) routes(r *web.Router) {
	r.Post("/cart/{item}", s.addItem)
	r.Get("/cart", s.showCart)
	r.Post("/sign-in", s.signIn)
	r.Post("/sign-out", s.signOut)
	r.Get("/done", s.done)
	r.Post("/posts", s.store)
	r.Get("/next", s.next)
	r.Get("/uploads/{name...}", s.upload)
	r.Get("/report", s.report)
	r.Get("/prices", s.watchPrices)
	r.Get("/theme", s.theme)
	r.Get("/data", s.data)
	r.Get("/fails", s.fails)
	r.Get("/pay", s.pay)

	r.Group("/leave", func(r *web.Router) {
		r.Use(s.links.Middleware)
		r.Get("/{list}", s.leave)
	})

	r.Group("/sign-in-code", func(r *web.Router) {
		r.Use(web.RateLimit(5, time.Minute, nil))
		r.Post("/", s.signIn)
	})
}

func (s *shop) addItem(w http.ResponseWriter, r *http.Request) error {
	err := cart.Update(r.Context(), func(c Cart) Cart {
		c.Items = append(c.Items, r.PathValue("item"))
		return c
	})
	if err != nil {
		return err
	}
	if err := notice.Flash(r.Context(), "It is in your cart."); err != nil {
		return err
	}
	return web.Redirect(w, r, "/cart")
}

func (s *shop) showCart(w http.ResponseWriter, r *http.Request) error {
	c, err := cart.Get(r.Context()) // the zero Cart if there is none
	if err != nil {
		return err
	}
	said, err := notice.Take(r.Context()) // and it is gone
	if err != nil {
		return err
	}
	return web.Text(w, 200, fmt.Sprint(said, " ", c.Items))
}

func (s *shop) signIn(w http.ResponseWriter, r *http.Request) error {
	// The password was right.
	if err := session.Renew(r.Context()); err != nil {
		return err
	}
	if err := userID.Put(r.Context(), 7); err != nil {
		return err
	}
	return web.Redirect(w, r, "/cart")
}

func (s *shop) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := session.Destroy(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/")
}

func (s *shop) done(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]any{"done": true})
}

func (s *shop) store(w http.ResponseWriter, r *http.Request) error {
	if r.FormValue("title") == "" {
		return &web.Error{Status: http.StatusConflict, Message: "A post needs a title."}
	}
	return web.Back(w, r, "/posts") // to where the form was, or to /posts
}

func (s *shop) next(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, r.URL.Query().Get("next"))
}

func (s *shop) pay(w http.ResponseWriter, r *http.Request) error {
	return web.RedirectAway(w, r, "https://pay.example/checkout/7")
}

func (s *shop) upload(w http.ResponseWriter, r *http.Request) error {
	return web.Download(w, r, s.uploads.FS(), r.PathValue("name"), "")
}

func (s *shop) report(w http.ResponseWriter, r *http.Request) error {
	web.Attachment(w, "orders.csv")
	return web.Stream(w, r, "text/csv", func(w io.Writer) error {
		out := csv.NewWriter(w)
		for id := range 3 {
			if err := out.Write([]string{fmt.Sprint(id), "lamp"}); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	})
}

func (s *shop) watchPrices(w http.ResponseWriter, r *http.Request) error {
	return web.SendEvents(w, r, func(ctx context.Context, e *web.Events) error {
		for {
			select {
			case <-ctx.Done():
				return nil
			case price := <-s.prices:
				if err := e.Send(web.Event{Name: "price", Data: price}); err != nil {
					return err
				}
			}
		}
	})
}

func (s *shop) theme(w http.ResponseWriter, r *http.Request) error {
	c := web.Cookie("theme", "dark")
	c.MaxAge = 365 * 24 * 60 * 60
	if err := web.SetCookie(w, r, c); err != nil {
		return err
	}
	return web.Redirect(w, r, "/")
}

func (s *shop) data(w http.ResponseWriter, r *http.Request) error {
	switch web.Accepts(r, "application/json", "text/csv") {
	case "text/csv":
		w.Header().Set("Content-Type", "text/csv")
		_, err := io.WriteString(w, "id,name\n1,lamp\n")
		return err
	default:
		return web.JSON(w, http.StatusOK, []string{"lamp"})
	}
}

func (s *shop) fails(http.ResponseWriter, *http.Request) error {
	return fmt.Errorf("load the orders: %w", os.ErrDeadlineExceeded)
}

func (s *shop) leave(w http.ResponseWriter, r *http.Request) error {
	return web.Text(w, 200, "You get no more mail of "+r.PathValue("list"))
}

// strict is an application with parts of the chain changed.
func strict(app *kit.App) {
	app.Chain = func(c *kit.Chain) {
		c.MaxBody = web.MaxBody(100 << 20)
		c.Compress = nil // a proxy does it
	}
	app.Middleware = []web.Middleware{
		web.ContentPolicy("default-src 'self'; script-src 'self' {nonce}; object-src 'none'; base-uri 'none'"),
		web.CORS(web.CORSOptions{Origins: []string{"https://app.example.com"}, Below: "/api/"}),
	}
}

// shared keeps what several instances must share in Redis.
func shared(cfg Config) (*session.Manager, web.Middleware, error) {
	client, err := redis.Open(cfg.RedisURL)
	if err != nil {
		return nil, nil, err
	}
	sessions := session.New(session.NewRedis(client, "shop:session:"), &cfg.Session)
	limit := web.RateLimit(100, time.Minute, &web.RateOptions{Counter: client})
	return sessions, limit, nil
}

// inCookies keeps the session with the visitor.
func inCookies(cfg Config) *session.Manager {
	return session.New(session.NewCookies(cfg.Database.Key), &cfg.Session)
}

// remembered keeps sessions in the database, and for a moment in the process.
func remembered(db *database.DB, cfg Config) *session.Manager {
	sessions := session.New(session.Cached(session.NewDatabase(db), time.Second), &cfg.Session)
	return sessions
}

// certified gets certificates by itself.
func certified(app *kit.App) error {
	https, err := acme.Config(&acme.Options{
		Domains: []string{"shop.example"},
		Folder:  "/var/lib/shop/certificates",
		Accept:  true, // the terms of service
	})
	if err != nil {
		return err
	}
	app.TLS = https
	return nil
}

func config() Config {
	var cfg Config
	cfg.DatabaseURL, cfg.Environment = "sqlite://:memory:", "testing"
	cfg.Database.Key = bytes.Repeat([]byte{1}, 32)
	return cfg
}

// start serves a shop, and returns a function that asks it and keeps its cookies.
func start(t *testing.T, change func(*kit.App)) func(method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.txt"), []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	app, err := newShop(t.Context(), config(), root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.DB.Close() })
	app.Logger = slog.New(slog.DiscardHandler)
	change(app)
	handler, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := app.Tasks(); err != nil {
		t.Fatal(err)
	}
	cookies := map[string]*http.Cookie{}
	return func(method, target string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if cookies[c.Name] = c; c.MaxAge < 0 {
				delete(cookies, c.Name)
			}
		}
		return w
	}
}

func TestTheShop(t *testing.T) {
	t.Parallel()
	ask := start(t, func(*kit.App) {})
	want := func(w *httptest.ResponseRecorder, status int, body string) {
		t.Helper()
		if w.Code != status || body != "" && strings.TrimSpace(w.Body.String()) != body {
			t.Errorf("%d %q, want %d %q", w.Code, w.Body, status, body)
		}
	}
	want(ask("POST", "/cart/lamp"), 303, "")
	want(ask("GET", "/cart"), 200, "It is in your cart. [lamp]")
	want(ask("GET", "/cart"), 200, "[lamp]")
	want(ask("POST", "/sign-in"), 303, "")
	want(ask("GET", "/cart"), 200, "[lamp]")
	want(ask("POST", "/sign-out"), 303, "")
	want(ask("GET", "/cart"), 200, "[]")
	want(ask("GET", "/done"), 200, `{"done":true}`)
	want(ask("POST", "/posts", "Accept", "application/json"), 409, `{"error":"A post needs a title."}`)
	want(ask("GET", "/next?next=https://evil.example"), 400, "This address leads to another site.")
	want(ask("GET", "/pay"), 303, "")
	want(ask("GET", "/uploads/a.txt"), 200, "hello")
	want(ask("GET", "/uploads/b.txt"), 404, "Not Found")
	want(ask("GET", "/report"), 200, "0,lamp\n1,lamp\n2,lamp")
	want(ask("GET", "/theme"), 303, "")
	want(ask("GET", "/data"), 200, `["lamp"]`)
	want(ask("GET", "/data", "Accept", "text/csv"), 200, "id,name\n1,lamp")
	want(ask("GET", "/fails"), 500, "Internal Server Error")
	if w := ask("GET", "/fails", "Accept", "text/html"); w.Code != 500 || !strings.Contains(w.Body.String(), `"component":"Error"`) {
		t.Errorf("the error page: %d %s", w.Code, w.Body)
	}
	want(ask("GET", "/leave/news"), 403, "This link is not valid.")
	links, err := web.NewSigner(config().Database.Key)
	if err != nil {
		t.Fatal(err)
	}

	link, err := links.Sign("/leave/news?user=7", 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	want(ask("GET", link), 200, "You get no more mail of news")
	for range 5 {
		want(ask("POST", "/sign-in-code"), 303, "")
	}
	want(ask("POST", "/sign-in-code"), 429, "Too Many Requests")
}

func TestTheStrictShop(t *testing.T) {
	t.Parallel()
	ask := start(t, strict)
	w := ask("GET", "/done", "Origin", "https://app.example.com")
	if h := w.Header(); !strings.Contains(h.Get("Content-Security-Policy"), "'nonce-") || h.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", h)
	}
}

func TestPricesAreSent(t *testing.T) {
	t.Parallel()
	s := &shop{prices: make(chan int, 1)}
	s.prices <- 3
	r := web.NewRouter()
	r.Get("/", s.watchPrices)
	server := httptest.NewServer(r)
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	event := make([]byte, len("event: price\ndata: 3\n\n"))
	if _, err := io.ReadFull(response.Body, event); err != nil || string(event) != "event: price\ndata: 3\n\n" {
		t.Errorf("%q %v", event, err)
	}
}

func TestOtherStores(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.RedisURL = "redis://localhost:1/0"
	if _, _, err := shared(cfg); err != nil {
		t.Error(err)
	}
	if inCookies(cfg) == nil || remembered(nil, cfg) == nil {
		t.Error("no sessions")
	}
	app := new(kit.App)
	if err := certified(app); err != nil || app.TLS == nil {
		t.Error(err)
	}
}

func TestThePagesShowThisCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("guide_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range []string{"sessions", "responses", "security"} {
		text, err := os.ReadFile("docs/" + page + ".md")
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(text, -1)
		if len(blocks) < 3 {
			t.Errorf("%s.md has %d pieces of code", page, len(blocks))
		}
		for _, b := range blocks {
			if !bytes.Contains(squeezed(source), squeezed(b[1])) {
				t.Errorf("%s.md shows code that is not here:\n%s", page, b[1])
			}
		}
	}
}

// squeezed takes off what layout is: blanks in a row, and empty lines.
func squeezed(code []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(code)) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out.WriteString(line + "\n")
		}
	}
	return out.Bytes()
}
