package controllers

import (
	"errors"
	"net/http"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"

	"github.com/kitgo/kit/examples/uptime/auth"
	"github.com/kitgo/kit/examples/uptime/models"
)

// Access lets people in and out.
type Access struct {
	users *models.Users
	pages *inertia.Renderer
}

// NewAccess returns the controller of signing in and out.
func NewAccess(users *models.Users, pages *inertia.Renderer) *Access {
	return &Access{users, pages}
}

type signInProps struct {
	Next string `json:"next"`
}

// Show shows the form.
func (c *Access) Show(w http.ResponseWriter, r *http.Request) error {
	return c.pages.Render(w, r, "SignIn", signInProps{r.URL.Query().Get("next")})
}

type signInForm struct {
	Email    string `json:"email" validate:"required,max=255"`
	Password string `json:"password" validate:"required,max=1000"`
	Next     string `json:"next" validate:"max=2000"`
}

// SignIn signs in who knows the password, and goes to where they wanted to be.
func (c *Access) SignIn(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[signInForm](r)
	if err != nil {
		return err
	}
	user, err := c.users.ByPassword(r.Context(), form.Email, form.Password)
	if errors.Is(err, database.ErrNotFound) {
		return inertia.Invalid{"email": "There is no account with this address and password."}
	}
	if err != nil {
		return err
	}
	if err := auth.SignIn(r.Context(), user.ID); err != nil {
		return err
	}
	if form.Next == "" {
		form.Next = "/sites"
	}
	return web.Redirect(w, r, form.Next)
}

// SignOut forgets who is signed in.
func (c *Access) SignOut(w http.ResponseWriter, r *http.Request) error {
	if err := session.Destroy(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/")
}
