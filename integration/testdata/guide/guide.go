// Package guide is the Go code of docs/pages.md, docs/forms.md, docs/types.md and
// docs/assets.md, so that it compiles and runs: a test compares.
package guide

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

// Post is a post.
type Post struct {
	Title  string
	Tags   []string
	Author *Author
	Posted time.Time
}

// Store is where posts are.
type Store interface {
	Find(ctx context.Context, id int64) (Post, error)
	List(ctx context.Context, page int) ([]Post, error)
	Archive(ctx context.Context) ([]string, error)
	Stats(ctx context.Context) (Stats, error)
	Tags(ctx context.Context) ([]string, error)
	Taken(ctx context.Context, slug string) (bool, error)
	Add(ctx context.Context, form PostForm) error
}

// Posts answers requests about posts.
type Posts struct {
	posts Store
	pages *inertia.Renderer
}

// New returns an application without a database.
func New(cfg kit.Config, build *vite.Build, posts Store) *kit.App {
	pages := inertia.New(build, &inertia.Options{
		Store: inertia.NewCookies(cfg.Database.Key, cfg.PreviousKeys()...),
		Share: share,
	})
	return &kit.App{Config: cfg, Pages: pages, Routes: (&Posts{posts, pages}).Routes}
}

// Routes registers the routes.
func (c *Posts) Routes(r *web.Router) {
	r.Get("/posts", c.Index).Name("posts.index")
	r.Get("/posts/new", c.New).Name("posts.new")
	r.Post("/posts", c.Store).Name("posts.store")
	r.Get("/posts/{id}", c.Show).Name("posts.show")
	r.Delete("/posts/{id}", c.Destroy).Name("posts.destroy")
	r.Post("/sign-out", c.SignOut).Name("sign-out")
	r.Get("/pay", c.Pay)
	r.Post("/checked", c.StoreChecked)
}

func preloading(build *vite.Build) *inertia.Renderer {
	pages := inertia.New(build, &inertia.Options{Preload: []string{"src/fonts/Inter.woff2"}})
	return pages
}

type sharedProps struct {
	Viewer string `json:"viewer"`
}

func share(r *http.Request) (any, error) {
	return sharedProps{Viewer: viewer(r)}, nil
}

func viewer(*http.Request) string { return "Ada" }

type Author struct {
	Name string `json:"name"`
}

type showProps struct {
	Title  string    `json:"title"`
	Tags   []string  `json:"tags"`
	Author *Author   `json:"author"`
	Posted time.Time `json:"posted"`
}

func (c *Posts) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := web.Param[int64](r, "id")
	if err != nil {
		return err
	}
	post, err := c.posts.Find(r.Context(), id)
	if err != nil {
		return err // database.ErrNotFound is a 404
	}
	return c.pages.Render(w, r, "Posts/Show", showProps{post.Title, post.Tags, post.Author, post.Posted})
}

type Stats struct {
	Readers int `json:"readers"`
}

type indexProps struct {
	Posts   inertia.Scroll[postRow]     `json:"posts"`
	Stats   inertia.Deferred[Stats]     `json:"stats"`
	Archive inertia.Optional[[]string]  `json:"archive"`
	Tags    inertia.Once[[]string]      `json:"tags"`
	Now     inertia.Always[time.Time]   `json:"now"`
	Unread  inertia.Computed[int]       `json:"unread"`
	Log     inertia.Merge[[]logMessage] `json:"log"`
}

type postRow struct {
	Title string `json:"title"`
}

type logMessage struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

func (c *Posts) Index(w http.ResponseWriter, r *http.Request) error {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		page = 1
	}
	return c.pages.Render(w, r, "Posts/Index", indexProps{
		Posts:   inertia.Batches(c.batch(page)),
		Stats:   inertia.Defer(c.posts.Stats).Group("charts").Rescue(),
		Archive: inertia.OnRequest(c.posts.Archive),
		Tags:    inertia.Remember(c.posts.Tags, inertia.Retention{For: time.Hour}),
		Now:     inertia.EachTime(inertia.Value(time.Now())),
		Unread:  inertia.Compute(c.unread).Parallel(),
		Log:     inertia.Append(c.log).MatchOn("id"),
	})
}

func (c *Posts) batch(page int) func(context.Context) (inertia.Batch[postRow], error) {
	return func(ctx context.Context) (inertia.Batch[postRow], error) {
		list, err := c.posts.List(ctx, page)
		b := inertia.Batch[postRow]{Current: page}
		for _, p := range list {
			b.Data = append(b.Data, postRow{p.Title})
		}
		if page > 1 {
			b.Previous = page - 1
		}
		if len(list) == 10 {
			b.Next = page + 1
		}
		return b, err
	}
}

func (c *Posts) unread(context.Context) (int, error) { return 3, nil }

func (c *Posts) log(context.Context) ([]logMessage, error) { return []logMessage{{1, "started"}}, nil }

func (c *Posts) SignOut(w http.ResponseWriter, r *http.Request) error {
	if err := c.pages.ClearHistory(w, r); err != nil {
		return err
	}
	return web.Redirect(w, r, "/posts")
}

func (c *Posts) Pay(w http.ResponseWriter, r *http.Request) error {
	return inertia.Location(w, r, "https://pay.example/7")
}

func (c *Posts) New(w http.ResponseWriter, r *http.Request) error {
	return c.pages.Render(w, r, "Posts/New", nil)
}

// PostForm is what a post is made of.
type PostForm = postForm

type postForm struct {
	Title string      `json:"title" validate:"required,max=100"`
	Slug  string      `json:"slug" validate:"required"`
	Tags  []string    `json:"tags" validate:"max=5"`
	Photo *web.Upload `json:"photo" file:"max=5MB,types=image/png image/jpeg"`
}

func (c *Posts) Store(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[postForm](r)
	if err != nil {
		return err
	}
	if err := c.posts.Add(r.Context(), form); err != nil {
		return err
	}
	if err := c.pages.Flash(w, r, "message", "Saved."); err != nil {
		return err
	}
	return web.Redirect(w, r, "/posts")
}

func (c *Posts) Destroy(w http.ResponseWriter, r *http.Request) error {
	return web.Back(w, r, "/posts")
}

// StoreChecked is Store with live validation and a check of its own.
func (c *Posts) StoreChecked(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[postForm](r)
	if err == nil {
		err = c.free(r.Context(), form.Slug)
	}
	if err := inertia.Validated(r, err); err != nil {
		return err
	}
	if err := c.posts.Add(r.Context(), form); err != nil {
		return err
	}
	return web.Redirect(w, r, "/posts")
}

func (c *Posts) free(ctx context.Context, slug string) error {
	taken, err := c.posts.Taken(ctx, slug)
	if err != nil {
		return fmt.Errorf("looking for the address %s: %w", slug, err)
	}
	if taken {
		return inertia.Invalid{"slug": "There is a post with this address."}
	}
	return nil
}
