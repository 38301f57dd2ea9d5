package tasks

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/go-playground/validator/v10"
	"github.com/kitgo/kit/web"
	"github.com/labstack/echo/v5"
)

// order is what is sent as JSON and as a form. The tags of each library say the same.
type order struct {
	Name  string `json:"name" form:"name" validate:"required,max=100" binding:"required,max=100"`
	Email string `json:"email" form:"email" validate:"required,email" binding:"required,email"`
	Count int    `json:"count" form:"count" validate:"required,min=1,max=99" binding:"required,min=1,max=99"`
	Gift  bool   `json:"gift" form:"gift"`
	Note  string `json:"note" form:"note" validate:"max=500" binding:"max=500"`
	Lines []line `json:"lines" form:"-" validate:"max=20,dive" binding:"max=20,dive"`
}

type line struct {
	Product string  `json:"product" validate:"required" binding:"required"`
	Price   float64 `json:"price" validate:"min=0" binding:"min=0"`
}

// kitOrder is order with the tags of package validate, which looks into lists by
// itself, and where dive is for the entries' own rules.
type kitOrder struct {
	Name  string    `json:"name" validate:"required,max=100"`
	Email string    `json:"email" validate:"required,email"`
	Count int       `json:"count" validate:"required,min=1,max=99"`
	Gift  bool      `json:"gift"`
	Note  string    `json:"note" validate:"max=500"`
	Lines []kitLine `json:"lines" validate:"max=20"`
}

type kitLine struct {
	Product string  `json:"product" validate:"required"`
	Price   float64 `json:"price" validate:"min=0"`
}

// answer is what every contestant writes.
func answer(w http.ResponseWriter, name string, count, lines int) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(name + " " + strconv.Itoa(count) + " " + strconv.Itoa(lines)))
}

// Pattern is that of route n, with a text for each of its parameters.
func Pattern(n int, id, part string) string { return fmt.Sprintf("/thing%d/%s/parts/%s", n, id, part) }

// Kit registers the handlers with Kit.
func Kit(r *web.Router, routes int) {
	for n := range routes {
		r.Get(Pattern(n, "{id}", "{part}"), func(w http.ResponseWriter, r *http.Request) error {
			id, err := web.Param[int64](r, "id")
			if err != nil {
				return err
			}
			answer(w, r.PathValue("part"), int(id), 0)
			return nil
		})
	}
	store := func(w http.ResponseWriter, r *http.Request) error {
		o, err := web.Bind[kitOrder](r)
		if err != nil {
			return err
		}
		answer(w, o.Name, o.Count, len(o.Lines))
		return nil
	}
	r.Post("/form", store)
	r.Post("/order", store)
}

// plain is what net/http and chi share: they read and check input by hand, with the
// usual validator.
type plain struct {
	check *validator.Validate
	param func(r *http.Request, name string) string
}

func newPlain(param func(*http.Request, string) string) plain {
	return plain{validator.New(validator.WithRequiredStructEnabled()), param}
}

func (p plain) show(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(p.param(r, "id"), 10, 64)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	answer(w, p.param(r, "part"), int(id), 0)
}

func (p plain) finish(w http.ResponseWriter, o *order, err error) {
	if err == nil {
		err = p.check.Struct(o)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	answer(w, o.Name, o.Count, len(o.Lines))
}

func (p plain) form(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	var o order
	err := r.ParseForm()
	if err == nil {
		o.Name, o.Email, o.Note = r.PostForm.Get("name"), r.PostForm.Get("email"), r.PostForm.Get("note")
		if o.Count, err = strconv.Atoi(r.PostForm.Get("count")); err == nil {
			o.Gift, err = strconv.ParseBool(r.PostForm.Get("gift"))
		}
	}
	p.finish(w, &o, err)
}

func (p plain) json(w http.ResponseWriter, r *http.Request) {
	var o order
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	p.finish(w, &o, decoder.Decode(&o))
}

// Mux registers the handlers with net/http.
func Mux(mux *http.ServeMux, routes int) {
	p := newPlain((*http.Request).PathValue)
	for n := range routes {
		mux.HandleFunc("GET "+Pattern(n, "{id}", "{part}"), p.show)
	}
	mux.HandleFunc("POST /form", p.form)
	mux.HandleFunc("POST /order", p.json)
}

// Chi registers the handlers with chi.
func Chi(r chi.Router, routes int) {
	p := newPlain(chi.URLParam)
	for n := range routes {
		r.Get(Pattern(n, "{id}", "{part}"), p.show)
	}
	r.Post("/form", p.form)
	r.Post("/order", p.json)
}

// checker is echo's way to a validator.
type checker struct{ check *validator.Validate }

func (c checker) Validate(v any) error { return c.check.Struct(v) }

// Echo registers the handlers with echo.
func Echo(e *echo.Echo, routes int) {
	e.Validator = checker{validator.New(validator.WithRequiredStructEnabled())}
	for n := range routes {
		e.GET(Pattern(n, ":id", ":part"), func(c *echo.Context) error {
			id, err := strconv.ParseInt(c.Param("id"), 10, 64)
			if err != nil {
				return echo.ErrNotFound
			}
			answer(c.Response(), c.Param("part"), int(id), 0)
			return nil
		})
	}
	store := func(c *echo.Context) error {
		var o order
		if err := c.Bind(&o); err != nil {
			return err
		}
		if err := c.Validate(&o); err != nil {
			return echo.NewHTTPError(http.StatusUnprocessableEntity, err.Error())
		}
		answer(c.Response(), o.Name, o.Count, len(o.Lines))
		return nil
	}
	e.POST("/form", store)
	e.POST("/order", store)
}

// Gin registers the handlers with gin.
func Gin(r *gin.Engine, routes int) {
	for n := range routes {
		r.GET(Pattern(n, ":id", ":part"), func(c *gin.Context) {
			id, err := strconv.ParseInt(c.Param("id"), 10, 64)
			if err != nil {
				c.AbortWithStatus(http.StatusNotFound)
				return
			}
			answer(c.Writer, c.Param("part"), int(id), 0)
		})
	}
	store := func(c *gin.Context) {
		var o order
		if err := c.ShouldBind(&o); err != nil {
			c.String(http.StatusUnprocessableEntity, err.Error())
			return
		}
		answer(c.Writer, o.Name, o.Count, len(o.Lines))
	}
	r.POST("/form", store)
	r.POST("/order", store)
}
