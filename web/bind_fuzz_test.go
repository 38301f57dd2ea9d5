package web_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/web"
)

// tree is a type that holds itself, and most others.
type tree struct {
	Text  string           `json:"text" validate:"max=100"`
	Int   int32            `json:"int"`
	Float *float64         `json:"float"`
	Flag  bool             `json:"flag" validate:"required_with=Text"`
	When  time.Time        `json:"when"`
	Any   any              `json:"any"`
	Kids  []tree           `json:"kids" validate:"max=50"`
	Map   map[string]*tree `json:"map"`
	Next  *tree            `json:"next"`
	Pair  [2]string        `json:"pair"`
	Files []*web.Upload    `json:"files" file:"max=1KB"`
	File  *web.Upload      `json:"file" file:"types=image/*"`
}

// judge fails a test if Bind panicked, answered a server error, or let through what it
// must not.
func judge(t *testing.T, r *http.Request) (got tree, err error) {
	t.Helper()
	got, err = web.Bind[tree](r)
	if errs, ok := errors.AsType[validate.Errors](err); ok {
		if len(errs) == 0 || len(errs) > 101 {
			t.Fatalf("%d mistakes", len(errs))
		}
		for _, f := range errs {
			if f.Message == "" || !utf8.ValidString(f.Field) {
				t.Fatalf("the mistake %+v", f)
			}
		}
		return got, err
	}
	if e, ok := errors.AsType[*web.Error](err); err != nil && (!ok || e.Status < 400 || e.Status > 499) {
		t.Fatalf("the error is %v", err)
	}
	if err == nil && (!utf8.ValidString(got.Text) || strings.Contains(got.Text, "\x00")) {
		t.Fatalf("the text is %q", got.Text)
	}
	return got, err
}

func FuzzBindJSON(f *testing.F) {
	for _, seed := range []string{
		`{"text":"a","int":1,"float":1e3,"flag":true,"when":"2026-01-31","any":{"a":[1]},"kids":[{"next":{}}],"map":{"x":{}},"pair":["a","b"]}`,
		`{"kids":[` + strings.Repeat(`{"kids":[`, 20), `{"text":"\ud800"}`, `{"int":1e400,"float":1e400}`, `{"a":1,"a":2}`, "\xef\xbb\xbf{}", `[[[[[[]]]]]]`, `null`,
		`{"any":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`, `{"float":` + strings.Repeat("9", 400) + `}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := judge(t, post(jsonType, body))
		if err != nil {
			return
		}
		// What is accepted, encoding/json reads too, and reads the same.
		if !json.Valid([]byte(body)) {
			t.Fatalf("%q is no JSON", body)
		}
		again, err := judge(t, post(jsonType, body))
		if err != nil || !reflect.DeepEqual(got, again) {
			t.Fatalf("it is read in two ways: %+v, %+v, %v", got, again, err)
		}
		var std struct {
			Text string `json:"text"`
			Int  int32  `json:"int"`
		}
		if err := json.Unmarshal([]byte(body), &std); err != nil || std.Text != got.Text || std.Int != got.Int {
			t.Fatalf("encoding/json reads %+v, %v; got %q, %d", std, err, got.Text, got.Int)
		}
	})
}

func FuzzBindForm(f *testing.F) {
	for _, seed := range []string{
		"text=a&int=1&float=1.5&flag=on&when=2026-01-31T10:00&kids[0].text=b&kids[7][kids][1][int]=2&map[x].next.text=c&pair=a&pair=b&any=x",
		"a[b=1&[c]=2&d[]=3&e[][f]=4&=5&.=6&g.=7&%5B%5D=8", "kids=1&kids[0]=2&kids.x=3", "text=%00&text=%ff;", "kids[999999999999999999999]=1&kids[-1]=2", strings.Repeat("next.", 40) + "int=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, err := judge(t, post(formType, body))
		if values, bad := url.ParseQuery(body); bad == nil && err == nil && values.Has("text") && got.Text != values.Get("text") {
			t.Fatalf("the text is %q, want %q", got.Text, values.Get("text"))
		} else if bad != nil && err == nil {
			t.Fatalf("net/url refuses it: %v", bad)
		}
	})
}

func FuzzBindMultipart(f *testing.F) {
	field := func(name, file, content string) string {
		return fmt.Sprintf("--x\r\nContent-Disposition: form-data; name=%q%s\r\n\r\n%s\r\n", name, file, content)
	}
	f.Add(field("text", "", "a") + field("file", "; filename=a.png", png) + field("files[]", `; filename="b"`, "c") + "--x--\r\n")
	f.Add(field("kids[0].files", `; filename*=utf-8''%e2%82%ac`, "c") + field("other", `; filename=x`, "c") + "--x--")
	f.Add(field("file", `; filename=`, "") + field("file", `; filename=""`, "1") + field("text", "", "\xff"))
	f.Add("--x\r\n\r\n--x--\r\n")
	f.Fuzz(func(t *testing.T, body string) {
		got, err := judge(t, post("multipart/form-data; boundary=x", body))
		if err != nil {
			return
		}
		for _, u := range append(got.Files, got.File) {
			if u != nil && (u.Reader().Size() != u.Size || strings.ContainsAny(u.Name, "/\\\x00\r\n")) {
				t.Fatalf("the upload is %+v", u)
			}
		}
	})
}
