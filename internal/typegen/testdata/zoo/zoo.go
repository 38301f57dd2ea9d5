// Package zoo has a type of every kind that a page or a form may have.
package zoo

import (
	"context"
	"encoding/json"
	"math/big"
	"net/http"
	"net/netip"
	"time"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/internal/typegen/testdata/zoo/blog"
	"github.com/kitgo/kit/internal/typegen/testdata/zoo/shop"
	"github.com/kitgo/kit/web"
)

// Status is one of a few texts.
type Status string

// What a Status can be.
const (
	Draft     Status = "draft"
	Published Status = "it's out"
	hidden    Status = "hidden"
)

// Level is one of a few numbers.
type Level int

// Levels.
const (
	Low Level = iota - 1
	Middle
	High
)

// Rights are bits.
type Rights uint8

// Rights.
const (
	Read Rights = 1 << iota
	Write
	Delete
)

// Celsius has no constants.
type Celsius float64

// Tags is a list with a name.
type Tags []string

// Tree holds itself.
type Tree struct {
	Name     string           `json:"name"`
	Parent   *Tree            `json:"parent"`
	Children []Tree           `json:"children"`
	ByName   map[string]*Tree `json:"byName,omitempty"`
}

// Nested is a map of itself.
type Nested map[string]Nested

// Page is generic.
type Page[T any, K comparable] struct {
	Items []T     `json:"items"`
	First T       `json:"first"`
	Keys  Pair[K] `json:"keys"`
	Next  *T      `json:"next,omitempty"`
}

// Pair is generic, too.
type Pair[T any] struct{ A, B T }

// Base is embedded.
type Base struct {
	ID      int64     `json:"id"`
	Created time.Time `json:"created"`
	Name    string    // hidden by that of Animal
	both    string
}

// Left and Right both have a field Side, so that neither counts.
type Left struct{ Side, OnlyLeft string }

// Right is like Left.
type Right struct{ Side, OnlyRight string }

// Extra is embedded as a pointer.
type Extra struct {
	Note  string  `json:"note"`
	Maybe *string `json:"maybe"`
}

// Money writes its JSON itself.
type Money struct{ cents int64 }

// MarshalJSON writes a number.
func (m Money) MarshalJSON() ([]byte, error) { return json.Marshal(float64(m.cents) / 100) }

// Color writes its text itself.
type Color struct{ r, g, b uint8 }

// MarshalText writes #rrggbb.
func (c *Color) MarshalText() ([]byte, error) { return []byte("#000000"), nil }

// Animal has a field of every kind.
type Animal struct {
	Base
	Left
	Right
	*Extra
	Name     string `json:"name"`
	Untagged bool
	unseen   int
	Skipped  string `json:"-"`
	Dash     string `json:"-,"`
	Strange  int    `json:"strange-name"`
	Bad      int    `json:"a\"b"`
	Integers struct {
		A int8
		B uint64
		C uintptr
	}
	Floats    [2]float32 `json:"floats"`
	Bytes     []byte     `json:"bytes"`
	ByteArray [3]byte    `json:"byteArray"`
	Any       any        `json:"any"`
	AnyEmpty  any        `json:"anyEmpty,omitempty"`
	Error     error      `json:"error"`

	Status   Status              `json:"status"`
	Statuses []Status            `json:"statuses"`
	ByStatus map[Status]int      `json:"byStatus"`
	Level    Level               `json:"level"`
	Rights   Rights              `json:"rights"`
	Warmth   Celsius             `json:"warmth"`
	Tags     Tags                `json:"tags"`
	TagsIf   Tags                `json:"tagsIf,omitempty"`
	ByNumber map[int]string      `json:"byNumber"`
	ByAddr   map[netip.Addr]bool `json:"byAddr,omitempty"`
	Nested   Nested              `json:"nested"`

	Pointer  *string   `json:"pointer"`
	Pointers []*int    `json:"pointers"`
	Double   **int     `json:"double"`
	IfSet    *Tree     `json:"ifSet,omitempty"`
	IfZero   time.Time `json:"ifZero,omitzero"`
	IfStruct Pair[int] `json:"ifStruct,omitempty"`
	Quoted   int64     `json:"quoted,string"`
	QuotedP  *bool     `json:"quotedP,string"`
	QuotedNo []int     `json:"quotedNo,string"`

	Born    time.Time         `json:"born"`
	Died    *time.Time        `json:"died"`
	Age     time.Duration     `json:"age"`
	Raw     json.RawMessage   `json:"raw"`
	Number  json.Number       `json:"number"`
	Big     *big.Int          `json:"big"`
	Price   Money             `json:"price"`
	PriceTS Money             `json:"priceTS" ts:"number"`
	Color   Color             `json:"color"`
	Colors  map[string]*Color `json:"colors"`
	Address netip.Addr        `json:"address"`

	Bits    Pair[Rights]        `json:"bits"`
	Numbers Page[int, string]   `json:"numbers"`
	Trees   Page[*Tree, Status] `json:"trees"`
	Blog    blog.Post           `json:"blog"`
	Shop    *shop.Post          `json:"shop"`
	Unique  shop.Order          `json:"unique"`
	Inline  []struct {
		X int `json:"x"`
	} `json:"inline"`
}

type lazyProps struct {
	Computed inertia.Computed[int]                 `json:"computed"`
	Later    inertia.Deferred[[]Tree]              `json:"later"`
	Asked    inertia.Optional[*Tree]               `json:"asked"`
	Always   inertia.Always[string]                `json:"always"`
	Merged   inertia.Merge[[]int]                  `json:"merged"`
	Once     inertia.Once[map[string]bool]         `json:"once"`
	Feed     inertia.Scroll[Tree]                  `json:"feed"`
	FeedLate inertia.Deferred[inertia.Batch[Tree]] `json:"feedLate"`
}

type controller struct {
	pages interface {
		Render(w http.ResponseWriter, r *http.Request, component string, props any) error
	}
	renderer *inertia.Renderer
}

const folder = "Zoo"

func (c *controller) index(w http.ResponseWriter, r *http.Request) error {
	return c.pages.Render(w, r, folder+"/Index", Animal{unseen: 1, Base: Base{both: string(hidden)}})
}

func (c *controller) show(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Has("lazy") {
		return c.renderer.Render(w, r, "Zoo/Lazy", &lazyProps{})
	}
	type local struct {
		Visited bool `json:"visited"`
	}
	if r.URL.Query().Has("local") {
		return c.renderer.RenderStatus(w, r, 404, "Zoo/Either", local{})
	}
	return c.renderer.Render(w, r, "Zoo/Either", nil)
}

func (c *controller) literal(w http.ResponseWriter, r *http.Request) error {
	type local struct {
		Other int `json:"other"`
	}
	return c.renderer.Render(w, r, "Zoo/Literal", map[string]any{
		"count":    3,
		"local":    local{},
		"later":    inertia.Defer(func(context.Context) (string, error) { return "", nil }),
		"in-depth": map[string]any{"list": []Level{Low}},
	})
}

type signUp struct {
	Name    string        `json:"name" validate:"required"`
	Born    *time.Time    `json:"born"`
	Tags    []string      `json:"tags"`
	Status  Status        `json:"status,omitempty"`
	Photo   *web.Upload   `json:"photo"`
	Papers  []*web.Upload `json:"papers"`
	Address struct {
		Street string `json:"street"`
	} `json:"address"`
	Team int64 `path:"team"`
	Page int   `query:"page"`
}

func (c *controller) store(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[signUp](r)
	if err != nil {
		return err
	}
	if err := c.renderer.Flash(w, r, "saved", form.Name); err != nil {
		return err
	}
	if err := c.renderer.Flash(w, r, "saved", 3); err != nil {
		return err
	}
	tree, err := web.Bind[Tree](r)
	if err != nil {
		return err
	}
	return c.renderer.Flash(w, r, "the-tree", &tree)
}

type viewer struct {
	Name string `json:"name"`
}

func share(r *http.Request) (any, error) {
	if r.Header.Get("Authorization") == "" {
		return nil, nil
	}
	return map[string]any{"viewer": &viewer{"Ada"}, "now": time.Now()}, nil
}

func newController() *controller {
	pages := inertia.New(nil, &inertia.Options{Share: share})
	return &controller{pages, pages}
}

// Routes registers the routes of the zoo.
func Routes(r *web.Router) {
	c := newController()
	r.Get("/", c.index).Name("home")
	r.Get("/without-a-name", c.index)
	r.Group("/animals", func(r *web.Router) {
		r.Get("/{id}", c.show).Name("animals.show")
		r.Put("/{id}/keepers/{keeper}", c.show).Name("animals.keepers.update")
		r.Group("/more", c.more)
		r.Resource("/:animal/food", &food{})
	})
	help(r)
}

func (c *controller) more(r *web.Router) {
	r.Handle("DELETE", "/{id}", c.show).Name("animals.more.destroy")
}

func help(r *web.Router) { r.Post("/files/{rest...}", newController().store).Name("files.store") }

type food struct{}

func (*food) Index(w http.ResponseWriter, r *http.Request) error   { return nil }
func (*food) Create(w http.ResponseWriter, r *http.Request) error  { return nil }
func (*food) Update(w http.ResponseWriter, r *http.Request) error  { return nil }
func (*food) Destroy(w http.ResponseWriter, r *http.Request) error { return nil }

// Show has nothing to do with requests.
func (*food) Show(what string) error { return nil }
