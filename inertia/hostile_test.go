package inertia_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

func emptyBuild(t testing.TB) *vite.Build {
	t.Helper()
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	return build
}

func equal(t *testing.T, got map[string]any, want string) bool {
	t.Helper()
	return cmp.Equal(parsed(t, want), got)
}

// document returns the page object in a document, as the client reads it.
func document(t *testing.T, props any) (text string, err error) {
	t.Helper()
	pages := inertia.New(emptyBuild(t), nil)
	w := httptest.NewRecorder()
	if err := pages.Render(w, httptest.NewRequest("GET", "/", nil), "Show", props); err != nil {
		if w.Body.Len() > 0 {
			t.Errorf("an error after %q", w.Body)
		}
		return "", err
	}
	_, rest, _ := strings.Cut(w.Body.String(), `type="application/json">`)
	text, _, _ = strings.Cut(rest, "</script>")
	return text, nil
}

func TestHostileProps(t *testing.T) {
	t.Parallel()
	nested, deeper := any("end"), any("end")
	for range 400 {
		nested = []any{nested}
	}
	for range 5000 {
		deeper = []any{deeper}
	}
	type texts struct {
		Text string `json:"text"`
	}
	tests := map[string]struct {
		props any
		want  string // in the document
	}{
		"the end of the script":   {map[string]any{"a": "</script><script>alert(1)</script>", "</script>": "<!--"}, `"\u003c/script\u003e":"\u003c!--","a":"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"`},
		"in a lazy prop":          {map[string]any{"a": inertia.Compute(inertia.Value(texts{"</script>"}))}, `{"text":"\u003c/script\u003e"}`},
		"in a name":               {map[string]any{"a</script>": inertia.Compute(inertia.Value(1))}, `"a\u003c/script\u003e":1`},
		"separators of lines":     {texts{"a\u2028b\u2029c"}, `"a\u2028b\u2029c"`},
		"invalid UTF-8":           {texts{"a\xff\xc3b"}, `"a\ufffd\ufffdb"`},
		"invalid UTF-8 in a name": {map[string]any{"a\xff": inertia.Compute(inertia.Value(1))}, `"a\ufffd":1`},
		"NUL":                     {texts{"a\x00b"}, `"a\u0000b"`},
		"a huge integer":          {map[string]any{"n": uint64(math.MaxUint64)}, `"n":18446744073709551615`},
		"a huge integer as text": {struct {
			N int64                 `json:"n,string"`
			L inertia.Computed[int] `json:"l"`
		}{N: math.MaxInt64, L: inertia.Compute(inertia.Value(1))}, `"n":"9223372036854775807","l":1`},
		"nothing":           {map[string]any{"a": []int(nil), "b": map[string]int(nil), "c": (*int)(nil), "d": nil, "e": inertia.Compute(inertia.Value[[]int](nil)), "f": inertia.Compute(inertia.Value[any](nil))}, `"a":null,"b":null,"c":null,"d":null,"e":null,"f":null`},
		"deep nesting":      {map[string]any{"a": nested}, strings.Repeat("[", 400) + `"end"`},
		"deeper":            {map[string]any{"a": deeper}, strings.Repeat("[", 5000) + `"end"`},
		"deep, behind lazy": {map[string]any{"a": nested, "l": inertia.Compute(inertia.Value(nested))}, `"l":` + strings.Repeat("[", 400)},
		"raw JSON":          {map[string]any{"a": json.RawMessage(`{"b":"</script>"}`), "l": inertia.Compute(inertia.Value(1))}, `{"b":"\u003c/script\u003e"}`},
		"the name errors":   {map[string]any{"errors": map[string]string{"</script>": "</script>"}}, `"errors":{"\u003c/script\u003e":"\u003c/script\u003e"}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := document(t, tt.props)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(text, tt.want) || !json.Valid([]byte(text)) {
				t.Errorf("%.500s\nwant %.300s", text, tt.want)
			}
		})
	}
}

func TestPropsThatCannotBeSentAreNamed(t *testing.T) {
	t.Parallel()
	type ring struct {
		Next *ring `json:"next"`
	}
	round := &ring{}
	round.Next = round
	loop := map[string]any{}
	loop["self"] = loop
	type row struct {
		Score float64 `json:"score"`
	}
	tests := map[string]struct {
		props any
		want  string
	}{
		"NaN":                        {map[string]any{"a": map[string]any{"rows": []row{{1}, {math.NaN()}}}}, "prop a.rows.1.score: "},
		"NaN in a struct":            {struct{ Row *row }{&row{math.NaN()}}, "prop Row.score: "},
		"infinity, lazily":           {map[string]any{"l": inertia.Compute(inertia.Value(row{math.Inf(1)}))}, "prop l.score: "},
		"a channel":                  {map[string]any{"a": []any{1, make(chan int)}}, "prop a.1: "},
		"itself":                     {map[string]any{"a": round}, "prop a.next"},
		"a map in itself":            {map[string]any{"a": loop}, "prop a.self"},
		"itself, beside lazy":        {map[string]any{"a": loop, "l": inertia.Compute(inertia.Value(1))}, "prop a.self"},
		"bad raw JSON":               {map[string]any{"a": json.RawMessage(`{`)}, "prop a: "},
		"a lazy prop out of the way": {map[string]any{"a": hidden{}}, "prop a: "},
		"the page is lazy":           {inertia.Compute(inertia.Value(1)), "lazy prop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := document(t, tt.props); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "page Show") {
				t.Errorf("%v, want an error with %q", err, tt.want)
			}
		})
	}
}

// hidden writes its JSON itself, with a lazy prop in it.
type hidden struct{}

func (hidden) MarshalJSON() ([]byte, error) { return json.Marshal(inertia.Compute(inertia.Value(1))) }

type (
	base struct {
		ID    int `json:"id"`
		Depth string
	}
	other  struct{ ID int }
	lowKey struct {
		Low   string
		Depth string
	}
	level int
)

func (l level) MarshalText() ([]byte, error) { return fmt.Appendf(nil, "level %d", int(l)), nil }

// tags has what encoding/json gives a meaning to.
type tags struct {
	base
	*lowKey
	other
	Named      base           `json:"named"`
	Empty      string         `json:"empty,omitempty"`
	Zero       time.Time      `json:"zero,omitzero"`
	None       *int           `json:",omitempty"`
	Dash       int            `json:"-"`
	DashName   int            `json:"-,"` //nolint:staticcheck // the name is a dash
	Text       int            `json:"text,string"`
	TextNil    *int           `json:"textNil,string"`
	Quote      string         `json:"quote,string"`
	Odd        int            `json:"$%-/ é"`
	When       time.Time      `json:"when"`
	Bytes      []byte         `json:"bytes"`
	Levels     map[level]int  `json:"levels"`
	Numbers    map[int]string `json:"numbers"`
	Iface      fmt.Stringer   `json:"iface"`
	Any        any
	Array      [2]int
	Level      level
	PtrLevel   *level
	unexported int
}

// Props that are taken apart are written as encoding/json writes them in one go.
func TestSplitPropsAreThoseOfEncodingJSON(t *testing.T) {
	t.Parallel()
	values := []tags{
		{},
		{base: base{ID: 1, Depth: "b"}, lowKey: &lowKey{"l", "d"}, other: other{5}, Named: base{2, "n"}, Empty: "e", Zero: time.Unix(1, 0).UTC(), None: new(3), Dash: 4, DashName: 5,
			Text: 6, TextNil: new(7), Quote: `"<q>"`, Odd: 9, When: time.Unix(2, 5).UTC(), Bytes: []byte("bytes"), Levels: map[level]int{2: 1, 10: 2}, Numbers: map[int]string{2: "b", 10: "a"},
			Iface: time.Second, Any: map[string]any{"b": 1, "a": []any{nil, "x"}}, Array: [2]int{1, 2}, Level: 3, PtrLevel: new(level(4)), unexported: 1},
	}
	for _, v := range values {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		// The lazy prop, and the except, force the struct to be taken apart.
		text, err := document(t, struct {
			V tags                  `json:"v"`
			L inertia.Deferred[int] `json:"l"`
		}{V: v, L: inertia.Defer(inertia.Value(1))})
		if err != nil || !strings.Contains(text, `"v":`+string(want)) {
			t.Errorf("%v %s\nwant %s", err, text, want)
		}
		w, err := render(t.Context(), t, map[string]any{"v": v}, onShow, "Show", except, "v.unknown,v.named.unknown,v.Any.unknown,v.levels.unknown,v.numbers.0")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(w.Body.String(), `"v":`+string(want)) {
			t.Errorf("%s\nwant %s", w.Body, want)
		}
	}
	if reflect.TypeFor[tags]().NumField() < 20 {
		t.Error("the test has lost its fields")
	}
}

func FuzzTextInADocument(f *testing.F) {
	for _, seed := range []string{"</script>", "<!--", "\u2028", "\xff", `"\`, "]]>", "&lt;"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, name, text string) {
		body, err := document(t, map[string]any{name: text, "l": inertia.Compute(inertia.Value(map[string]string{name: text}))})
		if name == "errors" {
			return
		}
		if err != nil || !json.Valid([]byte(body)) || strings.ContainsAny(body, "<>\u2028\u2029") {
			t.Errorf("%v: %q", err, body)
		}
	})
}
