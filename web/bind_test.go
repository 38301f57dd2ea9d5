package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/web"
)

type suit string

func (s suit) Valid() bool { return s == "hearts" || s == "spades" }

type address struct {
	Street string `json:"street" validate:"required"`
	Zip    *int   `json:"zip"`
}

type item struct {
	Name  string `json:"name" validate:"required"`
	Price int    `json:"price" validate:"required,min=0"`
}

type embedded struct {
	Note string `json:"note"`
}

type everything struct {
	*Base
	embedded
	Text   string          `json:"text"`
	Flag   bool            `json:"flag"`
	Int    int8            `json:"int"`
	Long   int64           `json:"long"`
	Uint   uint            `json:"uint"`
	Float  float64         `json:"float"`
	Number json.Number     `json:"number"`
	Bytes  []byte          `json:"bytes"`
	When   time.Time       `json:"when"`
	ID     uuid.UUID       `json:"uuid"`
	Big    *big.Int        `json:"big"`
	Raw    json.RawMessage `json:"raw"`
	Any    any             `json:"any"`
	Suit   suit            `json:"suit"`
	Ptr    *string         `json:"ptr"`
	Tags   []string        `json:"tags"`
	Pair   [2]int          `json:"pair"`
	Home   address         `json:"home"`
	Counts map[string]int  `json:"counts"`
	ByNr   map[int]item    `json:"by_nr"`
	Secret string          `json:"-"`
}

type Base struct {
	Version int `json:"version"`
}

// post returns a request with a body.
func post(contentType, body string) *http.Request {
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return r
}

const jsonType, formType = "application/json", "application/x-www-form-urlencoded"

func TestBindReadsEveryType(t *testing.T) {
	t.Parallel()
	text := "p"
	zip := 10115
	want := everything{
		Base: &Base{3}, embedded: embedded{"n"},
		Text: "ä\n", Flag: true, Int: -8, Long: 1 << 60, Uint: 7, Float: 1.5e3, Number: "12.50", Bytes: []byte("hello"),
		When: time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC), ID: uuid.MustParse("7d444840-9dc0-11d1-b245-5ffdce74fad2"),
		Big: big.NewInt(12345678901234), Suit: "hearts", Ptr: &text, Tags: []string{"a", "b"}, Pair: [2]int{1, 2},
		Home: address{"Main", &zip}, Counts: map[string]int{"x": 1, "y": 0}, ByNr: map[int]item{7: {"tea", 2}},
	}
	documents := map[string]*http.Request{
		"JSON": post(jsonType, `{"version":3,"note":"n","text":"ä\n","flag":true,"int":-8,"long":1152921504606846976,"uint":7,"float":1.5e3,
			"number":12.50,"bytes":"aGVsbG8=","when":"2026-01-31T09:30:00Z","uuid":"7d444840-9dc0-11d1-b245-5ffdce74fad2","big":12345678901234,
			"suit":"hearts","ptr":"p","tags":["a","b"],"pair":[1,2],"home":{"street":"Main","zip":10115},"counts":{"x":1,"y":0},
			"by_nr":{"7":{"name":"tea","price":2}}}`),
		"a form": post(formType, "version=3&note=n&text=%C3%A4%0A&flag=on&int=-8&long=1152921504606846976&uint=7&float=1.5e3&number=12.50&bytes=aGVsbG8%3D"+
			"&when=2026-01-31T09:30&uuid=7d444840-9dc0-11d1-b245-5ffdce74fad2&big=12345678901234&suit=hearts&ptr=p&tags=a&tags=b&pair[]=1&pair[]=2"+
			"&home.street=Main&home%5Bzip%5D=10115&counts[x]=1&counts.y=0&by_nr[7][name]=tea&by_nr[7].price=2&_method=put"),
		"a query": httptest.NewRequest("GET", "/?version=3&note=n&text=%C3%A4%0A&flag=false&flag=true&int=+-8&long=1152921504606846976&uint=7&float=1.5e3&number=12.50&bytes=aGVsbG8%3D"+
			"&when=2026-01-31T09:30:00Z&uuid=7d444840-9dc0-11d1-b245-5ffdce74fad2&big=12345678901234&suit=hearts&ptr=p&tags[1]=b&tags[0]=a&pair=1&pair=2"+
			"&home[street]=Main&home.zip=10115&counts.x=1&counts.y=0&by_nr.7.name=tea&by_nr[7][price]=2&utm_source=x", nil),
	}
	for name, r := range documents {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := web.Bind[everything](r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(everything{}), cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	raw, err := web.Bind[everything](post(jsonType, `{"home":{"street":"x"},"raw":{"a":[1,null]},"any":{"a":[1,"x",true,null,{}]}}`))
	if err != nil || string(raw.Raw) != `{"a":[1,null]}` {
		t.Errorf("raw is %s, %v", raw.Raw, err)
	}
	if diff := cmp.Diff(map[string]any{"a": []any{1.0, "x", true, nil, map[string]any{}}}, raw.Any); diff != "" {
		t.Errorf("any (-want +got):\n%s", diff)
	}
}

// answer returns what Bind says about a request: "ok", the messages of the fields, or
// the status and the message of another error.
func answer[T any](r *http.Request) string {
	_, err := web.Bind[T](r)
	if err == nil {
		return "ok"
	}
	if errs, ok := errors.AsType[validate.Errors](err); ok {
		var lines []string
		for _, f := range errs {
			lines = append(lines, f.Field+": "+f.Message)
		}
		return strings.Join(lines, " | ")
	}
	if e, ok := errors.AsType[*web.Error](err); ok {
		return fmt.Sprint(e.Status, " ", e.Message)
	}
	return "error: " + err.Error()
}

func TestBindSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	type order struct {
		Email string     `json:"email" label:"e-mail address" validate:"required,email"`
		Count int8       `json:"count" validate:"required"`
		Paid  bool       `json:"paid"`
		When  *string    `json:"when"`
		Items []item     `json:"items" validate:"max=3"`
		Home  address    `json:"home"`
		Nums  [2]int     `json:"nums"`
		Suit  suit       `json:"suit"`
		Any   any        `json:"any"`
		On    *time.Time `json:"on"`
	}
	const fine = `"email":"a@b.de","count":0,"home":{"street":"x"}`
	deep := strings.Repeat("[", 40) + strings.Repeat("]", 40)
	tests := map[string]struct{ contentType, body, want string }{
		"all is well":                       {jsonType, `{` + fine + `}`, "ok"},
		"a parameter of the content type":   {jsonType + "; charset=UTF-8", `{` + fine + `}`, "ok"},
		"JSON of another name":              {"application/vnd.api+json", `{` + fine + `}`, "ok"},
		"a form":                            {formType, "email=a@b.de&count=0&home.street=x", "ok"},
		"missing fields":                    {jsonType, `{}`, "email: The e-mail address is required. | count: The count is required. | home.street: The street is required."},
		"null is missing":                   {jsonType, `{"email":null,"count":null,"home":{"street":null},"when":null,"items":null}`, "email: The e-mail address is required. | count: The count is required. | home.street: The street is required."},
		"fields left empty":                 {formType, "email=&count=+&home.street=&when=&paid=", "email: The e-mail address is required. | count: The count is required. | home.street: The street is required."},
		"wrong types":                       {jsonType, `{"email":1,"count":"1","paid":"true","when":[],"items":{},"home":[],"nums":"x","suit":5}`, "email: The e-mail address must be text. | count: The count must be a whole number. | paid: The paid must be true or false. | when: The when must be text. | items: The items must be a list. | home: The home must be an object. | nums: The nums must be a list. | suit: The suit must be text."},
		"wrong types in a form":             {formType, "email[x]=1&count=x&paid=maybe&when=a&when=b&items=x&home=x&nums=1&suit=clubs", "email: The e-mail address must be text. | count: The count must be a whole number. | paid: The paid must be true or false. | when: The when must be one value. | items.0: The entry 1 of items must be an object. | home: The home must be an object. | nums: The nums must have 2 entries. | suit: The suit is not valid."},
		"a text that is no time":            {jsonType, `{` + fine + `,"on":"31.1.2026"}`, "on: The on must be a date, such as 2026-01-31, or with a time, such as 2026-01-31T09:30:00Z."},
		"nested paths":                      {jsonType, `{` + fine + `,"items":[{"name":"a","price":1},{"name":"","price":"x"},{"price":-1}]}`, "items.1.price: The price must be a whole number. | items.1.name: The name is required. | items.2.name: The name is required. | items.2.price: The price must be at least 0."},
		"nested paths of a form":            {formType, "email=a@b.de&count=0&home.street=x&items[3].name=a&items[3].price=1&items[9][price]=x", "items.1.price: The price must be a whole number. | items.1.name: The name is required."},
		"numbers out of range":              {jsonType, `{` + fine + `,"nums":[1e99999,9223372036854775808],"items":[{"name":"x","price":99999999999999999999}]}`, "nums.0: The entry 1 of nums must be a whole number. | nums.1: The entry 2 of nums is too large. | items.0.price: The price is too large."},
		"a small number out of range":       {formType, "email=a@b.de&count=-129&home.street=x", "count: The count is too small."},
		"too few entries":                   {jsonType, `{` + fine + `,"nums":[1,2,3]}`, "nums: The nums must have 2 entries."},
		"an enumeration":                    {jsonType, `{` + fine + `,"suit":"clubs"}`, "suit: The suit is not valid."},
		"unknown fields":                    {jsonType, `{` + fine + `,"admin":true,"home.x":1,"":2}`, `admin: The admin is not a known field. | home.x: The x is not a known field. | "": The "" is not a known field.`},
		"other capitals are other names":    {jsonType, `{` + fine + `,"Email":"c@d.de"}`, "Email: The email is not a known field."},
		"unknown fields of a form":          {formType, "email=a@b.de&count=0&home.street=x&home.y=1&=2&_token=1&a[=1", `home.y: The y is not a known field. | "": The "" is not a known field. | a[: The a[ is not a known field.`},
		"text that no database takes":       {jsonType, `{` + fine + `,"when":"a\u0000b"}`, "when: The when has characters that are not valid."},
		"text that is not UTF-8":            {formType, "email=a@b.de&count=0&home.street=%ff", "home.street: The street has characters that are not valid."},
		"JSON that is not UTF-8":            {jsonType, "{\"email\":\"\xff\"}", "400 The JSON is malformed at byte 11, in email."},
		"a member twice":                    {jsonType, `{"home":{"street":"x","street":"y"}}`, "400 The JSON has home.street twice."},
		"a member twice in what is skipped": {jsonType, `{"x":{"a":1,"a":2}}`, "400 The JSON has x.a twice."},
		"malformed JSON":                    {jsonType, `{"email":"a",}`, "400 The JSON is malformed at byte 13."},
		"malformed JSON below":              {jsonType, `{"items":[{"price":01}]}`, "400 The JSON is malformed at byte 21, in items.0."},
		"JSON that ends":                    {jsonType, `{"email":"a"`, "400 The JSON is malformed at byte 13."},
		"JSON that goes on":                 {jsonType, `{` + fine + `} {}`, "400 The JSON goes on after its end."},
		"no JSON":                           {jsonType, ` `, "400 The request body is empty, but should be JSON."},
		"another kind of JSON":              {jsonType, `[1]`, ": The input must be an object."},
		"null":                              {jsonType, `null`, ": The input must be an object."},
		"JSON too deep":                     {jsonType, `{"any":` + deep + `}`, "400 The request has values more than 32 levels deep."},
		"JSON too deep where it is skipped": {jsonType, `{"x":` + deep + `}`, "400 The request has values more than 32 levels deep."},
		"names too deep":                    {formType, "a" + strings.Repeat("[b]", 40) + "=1", "400 The request has values more than 32 levels deep."},
		"a malformed form":                  {formType, "email=%zz", "400 The form or query is malformed."},
		"a name that is not UTF-8":          {formType, "%ff=1", "400 A name in the form is not in UTF-8."},
		"too many values":                   {jsonType, `{"any":[` + strings.Repeat("1,", 10_000) + `1]}`, "413 The request has more than 10000 values."},
		"too many values that are skipped":  {formType, strings.Repeat("a=1&", 10_001), "413 The request has more than 10000 values."},
		"a large document":                  {jsonType, `"` + strings.Repeat("x", 1<<20) + `"`, "413 The request body is larger than 1 MiB."},
		"a large form":                      {formType, "a=" + strings.Repeat("x", 1<<20), "413 The request body is larger than 1 MiB."},
		"XML":                               {"text/xml", `<a/>`, "415 The request body must be JSON or a form."},
		"no content type":                   {"", `{}`, "415 The request body must be JSON or a form."},
		"another character set":             {formType + "; charset=ISO-8859-1", "a=1", "415 The request body must be in UTF-8."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, answer[order](post(tt.contentType, tt.body))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("compressed", func(t *testing.T) {
		t.Parallel()
		r := post(jsonType, "x")
		r.Header.Set("Content-Encoding", "gzip")
		if got := answer[order](r); got != "415 The request body must not be compressed." {
			t.Error(got)
		}
	})
	t.Run("no body at all", func(t *testing.T) {
		t.Parallel()
		if got := answer[item](httptest.NewRequest("POST", "/", nil)); got != "name: The name is required. | price: The price is required." {
			t.Error(got)
		}
	})
}

func TestAHundredMistakesAreEnough(t *testing.T) {
	t.Parallel()
	_, err := web.Bind[struct{}](post(formType, manyNames(5000)))
	if errs, ok := errors.AsType[validate.Errors](err); !ok || len(errs) != 100 {
		t.Errorf("%d mistakes", len(errs))
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "f%d=1&", i)
	}
	return b.String()
}

type pathForm struct {
	ID   int64  `path:"id"`
	Page int    `query:"page" validate:"max=9"`
	Sort string `query:"sort"`
	Name string `json:"name" validate:"required"`
}

func TestBindReadsPathAndQuery(t *testing.T) {
	t.Parallel()
	router := web.NewRouter()
	serve := func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.Bind[*pathForm](r)
		if err != nil {
			return err
		}
		return web.JSON(w, 200, form)
	}
	router.Put("/things/{id}", serve)
	router.Get("/things/{id}", serve)
	router.Post("/things", serve)
	tests := map[string]struct {
		method, target, body string
		status               int
		want                 string
	}{
		"all three":           {"PUT", "/things/7?page=2&sort=a&utm=x", `{"name":"n"}`, 200, `{"ID":7,"Page":2,"Sort":"a","name":"n"}` + "\n"},
		"a query":             {"GET", "/things/7?page=2&name=n", "", 200, `{"ID":7,"Page":2,"Sort":"","name":"n"}` + "\n"},
		"not in the pattern":  {"POST", "/things", `{"name":"n"}`, 200, `{"ID":0,"Page":0,"Sort":"","name":"n"}` + "\n"},
		"no number":           {"PUT", "/things/x", `{"name":"n"}`, 404, `{"error":"Not Found"}` + "\n"},
		"a number too large":  {"PUT", "/things/9223372036854775808", `{"name":"n"}`, 404, `{"error":"Not Found"}` + "\n"},
		"not from the query":  {"PUT", "/things/7?name=q", `{}`, 422, `{"message":"The given data was invalid.","errors":{"name":["The name is required."]}}` + "\n"},
		"not from the body":   {"PUT", "/things/7", `{"name":"n","page":3}`, 422, `{"message":"The given data was invalid.","errors":{"page":["The page is not a known field."]}}` + "\n"},
		"a rule of the query": {"PUT", "/things/7?page=10", `{"name":"n"}`, 422, `{"message":"The given data was invalid.","errors":{"page":["The page must be at most 9."]}}` + "\n"},
		"a type of the query": {"PUT", "/things/7?page=x", `{"name":"n"}`, 422, `{"message":"The given data was invalid.","errors":{"page":["The page must be a whole number."]}}` + "\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", jsonType)
			w := httptest.NewRecorder()
			router.ServeHTTP(w, r)
			if w.Code != tt.status || w.Body.String() != tt.want {
				t.Errorf("%d %s, want %d %s", w.Code, w.Body, tt.status, tt.want)
			}
		})
	}
}

func TestInputOfARouteGoesBeforeThatOfTheApplication(t *testing.T) {
	t.Parallel()
	rules := validate.New(&validate.Options{Catalogue: func(context.Context) *validate.Catalogue {
		return &validate.Catalogue{Messages: map[string]string{"required": "{field} fehlt."}}
	}})
	router := web.NewRouter()
	router.Use((&web.Input{Validator: rules, MaxDocument: 20}).Middleware)
	store := func(w http.ResponseWriter, r *http.Request) error { return web.Text(w, 200, answer[item](r)) }
	router.Post("/small", store)
	router.Group("/large", func(r *web.Router) {
		r.Use((&web.Input{MaxDocument: 60, AllowUnknown: true}).Middleware)
		r.Post("/", store)
	})
	handler := web.MaxBody(40)(router)
	long := `{"price":1,"more":"` + strings.Repeat("x", 30) + `"}`
	for target, want := range map[string]string{
		"/small " + long: "413 The request body is larger than 20 bytes.",
		"/small {}":      "name: name fehlt. | price: price fehlt.",
		"/large " + long: "name: name fehlt.",
	} {
		path, body, _ := strings.Cut(target, " ")
		for _, announced := range []bool{true, false} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			if !announced {
				r = httptest.NewRequest("POST", path, io.MultiReader(strings.NewReader(body)))
			}
			r.Header.Set("Content-Type", jsonType)
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Body.String() != want {
				t.Errorf("%s: %s, want %s", target, w.Body, want)
			}
		}
	}
}

func TestTypesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"web: struct { F func() }.F: func() cannot be read from input": bindError[struct{ F func() }](),
		"web: struct { R io.Reader }.R: io.Reader cannot be read":      bindError[struct{ R io.Reader }](),
		"the keys of map[bool]int cannot be read":                      bindError[map[bool]int](),
		"the tag file is for web.Upload, not for int": bindError[struct {
			N int `file:"max=1MB"`
		}](),
		`the file rule max=big: "big" is no size such as 500KB or 5MB`: bindError[struct {
			F *web.Upload `file:"max=big"`
		}](),
		"the file rule mux=1MB: there is no such rule": bindError[struct {
			F *web.Upload `file:"mux=1MB"`
		}](),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

func bindError[T any]() error {
	_, err := web.Bind[T](post(jsonType, "{}"))
	return err
}

// late is a body that does not come in time.
type late struct{}

func (late) Read([]byte) (int, error) { return 0, fmt.Errorf("read: %w", os.ErrDeadlineExceeded) }

func TestABodyThatIsLate(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{jsonType, formType, "multipart/form-data; boundary=x"} {
		for _, slow := range []bool{false, true} {
			r := httptest.NewRequest("POST", "/", late{})
			r.Header.Set("Content-Type", contentType)
			var got string
			h := handler(func(_ http.ResponseWriter, r *http.Request) { got = answer[item](r) })
			if slow {
				h = web.SlowBodies(time.Minute, 500)(h)
			}
			h.ServeHTTP(httptest.NewRecorder(), r)
			if got != "408 The request body took too long to arrive." {
				t.Errorf("%s: %s", contentType, got)
			}
		}
	}
}

// TestManyInputsAtOnce shows, above all under the race detector, that nobody reads what
// another one has sent, although buffers are used again.
func TestManyInputsAtOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(handler(func(w http.ResponseWriter, r *http.Request) {
		form, err := web.Bind[everything](r)
		if err != nil {
			web.WriteError(w, r, err)
			return
		}
		_, _ = fmt.Fprint(w, form.Text, " ", form.Tags, " ", string(form.Raw), " ", form.Counts)
	}))
	defer server.Close()
	var users sync.WaitGroup
	for user := range 50 {
		users.Go(func() {
			for request := range 40 {
				id := fmt.Sprint(user, "-", request)
				contentType, body := jsonType, fmt.Sprintf(`{"text":%q,"tags":[%q],"raw":%q,"counts":{%q:1},"home":{"street":"x"}}`, id, id, id, id)
				want := fmt.Sprintf("%s [%s] %q map[%s:1]", id, id, id, id)
				if request%2 == 1 {
					contentType, body = formType, fmt.Sprintf("text=%s&tags=%s&counts[%s]=1&home.street=x", id, id, id)
					want = fmt.Sprintf("%s [%s]  map[%s:1]", id, id, id)
				}
				res, err := server.Client().Post(server.URL, contentType, strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(res.Body)
				_ = res.Body.Close()
				if err != nil || string(got) != want {
					t.Errorf("%s: %s, %v, want %s", id, got, err, want)
					return
				}
			}
		})
	}
	users.Wait()
}

// announced is a body of which nothing comes.
type announced struct{ begun, end chan struct{} }

func (a announced) Read([]byte) (int, error) {
	a.begun <- struct{}{}
	<-a.end
	return 0, io.EOF
}

// What a client announces takes no memory before it comes. It runs alone, as it measures
// the memory of all.
func TestAnAnnouncedBodyTakesNoMemory(t *testing.T) {
	const requests = 100
	body := announced{make(chan struct{}), make(chan struct{})}
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used()
	var wg sync.WaitGroup
	for _, contentType := range []string{jsonType, formType} {
		for range requests / 2 {
			wg.Go(func() {
				r := post(contentType, "")
				r.Body, r.ContentLength = io.NopCloser(body), 1<<20
				_, _ = web.Bind[map[string]string](r)
			})
		}
	}
	for range requests {
		<-body.begun
	}
	if after := used(); after > before+requests*64<<10 {
		t.Errorf("%d requests that sent nothing take %d KiB", requests, (after-before)>>10)
	}
	close(body.end)
	wg.Wait()
}
