package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

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
