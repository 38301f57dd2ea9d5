package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/web"
)

func Example() {
	r := web.NewRouter()
	r.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) error {
		id, err := web.Param[int64](r, "id")
		if err != nil {
			return err // 404
		}
		if id != 1 {
			return &web.Error{Status: http.StatusNotFound, Message: "There is no such user."}
		}
		return web.JSON(w, http.StatusOK, map[string]any{"id": id, "name": "Ada"})
	}).Name("users.show")

	for _, path := range []string{"/users/1", "/users/2", "/users/x"} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 {"id":1,"name":"Ada"}
	// 404 There is no such user.
	// 404 Not Found
}

func ExampleBind() {
	type todo struct {
		Title string   `json:"title" validate:"required,max=200"`
		Tags  []string `json:"tags" validate:"dive,slug"`
	}
	for _, body := range []string{`{"title":"Buy tea","tags":["home"]}`, `{"title":7,"tags":["home","At Work"],"done":true}`} {
		r := httptest.NewRequest("POST", "/todos", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		form, err := web.Bind[todo](r)
		errs, invalid := errors.AsType[validate.Errors](err)
		for _, e := range errs {
			fmt.Println(e.Field+":", e.Message)
		}
		if !invalid {
			fmt.Println(form.Title, err)
		}
	}
	// Output:
	// Buy tea <nil>
	// title: The title must be text.
	// done: The done is not a known field.
	// tags.1: The entry 2 of tags may only have small letters, digits and single hyphens between them.
}

func ExampleRouter_Resource() {
	r := web.NewRouter()
	r.Group("/admin", func(r *web.Router) {
		r.Resource("/posts", Posts{})
	})
	for _, route := range r.Routes() {
		fmt.Println(route, route.RouteName(), route.Handler)
	}
	// Output:
	// GET /admin/posts admin.posts.index web_test.Posts.Index
	// DELETE /admin/posts/{id} admin.posts.destroy web_test.Posts.Destroy
}

// Posts is a controller with two of the methods of a resource.
type Posts struct{}

func (Posts) Index(http.ResponseWriter, *http.Request) error   { return nil }
func (Posts) Destroy(http.ResponseWriter, *http.Request) error { return nil }

func ExampleRouter_URL() {
	r := web.NewRouter()
	r.Get("/users/{id}", func(http.ResponseWriter, *http.Request) error { return nil }).Name("users.show")
	fmt.Println(r.URL("users.show", web.Params{"id": "a/b", "tab": "posts"}))
	fmt.Println(r.URL("user.show", nil))
	// Output:
	// /users/a%2Fb?tab=posts <nil>
	//  there is no route with the name "user.show"; did you mean "users.show"?
}
