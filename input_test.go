package kit

import (
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

type signUp struct {
	Email string      `json:"email" validate:"required,email,unique=users.email"`
	Photo *web.Upload `json:"photo"`
}

// TestInputThroughTheDefaultChain reads input as an application does, over a real
// connection.
func TestInputThroughTheDefaultChain(t *testing.T) {
	t.Parallel()
	app := withSession(t, map[string]string{})
	if _, err := app.DB.ExecContext(t.Context(), "CREATE TABLE users (email text); INSERT INTO users VALUES ('ada@example.com')"); err != nil {
		t.Fatal(err)
	}
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	app.Pages = inertia.New(build, &inertia.Options{Store: inertia.Sessions{}})
	app.Routes = func(r *web.Router) {
		r.Use((&web.Input{Validator: validate.New(&validate.Options{Rules: database.Rules(app.DB)})}).Middleware)
		store := func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Bind[signUp](r)
			if err != nil {
				return err
			}
			if form.Photo != nil {
				return web.JSON(w, 201, form.Photo.Size)
			}
			return web.JSON(w, 201, form.Email)
		}
		r.Post("/users", store)
		r.Post("/large", store).Use((&web.Input{MaxUpload: 20 << 20, TempDir: t.TempDir()}).Middleware)
	}
	handler, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func(path, contentType string, body io.Reader, headers ...string) (status int, answer, location string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, strings.TrimSpace(string(text)), res.Header.Get("Location")
	}
	const taken = `{"email":"ada@example.com"}`
	if status, answer, _ := send("/users", "application/json", strings.NewReader(`{"email":"new@example.com"}`)); status != 201 || answer != `"new@example.com"` {
		t.Errorf("a new address: %d %s", status, answer)
	}
	status, answer, _ := send("/users", "application/json", strings.NewReader(taken), "Accept", "application/json")
	if want := `{"message":"The given data was invalid.","errors":{"email":["The email has already been taken."]}}`; status != 422 || answer != want {
		t.Errorf("for a program: %d %s, want %s", status, answer, want)
	}
	status, _, location := send("/users", "application/json", strings.NewReader(taken), "X-Inertia", "true", "Accept", "text/html, application/xhtml+xml", "Referer", server.URL+"/join")
	if status != 303 || location != "/join" {
		t.Errorf("for a page: %d to %q, want back to the form", status, location)
	}
	for path, want := range map[string]int{"/users": 413, "/large": 201} {
		body, form := io.Pipe()
		parts := multipart.NewWriter(form)
		go func() {
			_ = parts.WriteField("email", "new@example.com")
			file, err := parts.CreateFormFile("photo", "a.bin")
			if err == nil {
				_, err = file.Write(make([]byte, 10<<20)) // and what is around it
			}
			_ = parts.Close()
			_ = form.CloseWithError(err)
		}()
		status, answer, _ := send(path, parts.FormDataContentType(), body)
		_ = body.Close()
		if status != want || want == 201 && answer != "10485760" {
			t.Errorf("a little more than 10 MiB for %s: %d %s, want %d", path, status, answer, want)
		}
	}
}
