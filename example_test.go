package kit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/web"
)

func newApp(_ context.Context, cfg kit.Config) (*kit.App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		return nil, err
	}
	return &kit.App{Config: cfg, DB: db, Routes: func(r *web.Router) {
		r.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) error {
			return web.Text(w, http.StatusOK, "Hello, "+r.PathValue("name"))
		}).Name("hello")
	}}, nil
}

// A main function is kit.Main(newApp). Everything else can be called without it.
func ExampleApp() {
	app, err := newApp(context.Background(), kit.Config{DatabaseURL: "sqlite://:memory:"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer app.DB.Close()
	handler, err := app.Handler()
	if err != nil {
		fmt.Println(err)
		return
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/hello/Ada", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 200 Hello, Ada
}
