package pages_test

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"strings"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
	gonertia "github.com/romsar/gonertia/v3"
)

type row struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
	Done  bool   `json:"done"`
}

// Of each list the JSON is about 4 KB, and 100 KB.
var small, large = rows(65), rows(1600)

func rows(n int) []row {
	list := make([]row, n)
	for i := range list {
		list[i] = row{i, "a title of the usual length", i%2 == 0}
	}
	return list
}

// twenty are the names of the props of a page, of which a partial reload asks for one.
var twenty = strings.Split("abcdefghijklmnopqrst", "")

// computed is what each of them costs, if it is asked for.
func computed() []row { return rows(20) }

// contender serves /small and /large, each with a prop rows, and /twenty, with one for
// each name.
type contender struct {
	name string
	make func(*vite.Build) http.Handler
}

var contenders = []contender{{"net/http, by hand", byHand}, {"Kit", kitPages}, {"gonertia", gonertiaPages}}

// page is the page object, as one would write it by hand.
type page struct {
	Component string         `json:"component"`
	Props     map[string]any `json:"props"`
	URL       string         `json:"url"`
	Version   string         `json:"version"`
}

const (
	documentHead = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>Kit</title>\n"
	documentBody = "</head>\n<body>\n<script data-page=\"app\" type=\"application/json\">"
	documentTail = "</script>\n<div id=\"app\"></div>\n</body>\n</html>\n"
)

// byHand answers these pages and no others: it knows nothing of the rest of the protocol.
func byHand(build *vite.Build) http.Handler {
	tags, err := build.Tags("src/app.tsx")
	if err != nil {
		panic(err)
	}
	head, version := documentHead+tags+documentBody, build.Version()
	answer := func(w http.ResponseWriter, r *http.Request, component string, props map[string]any) {
		h := w.Header()
		h.Set("Vary", "X-Inertia")
		visit := r.Header.Get("X-Inertia") != ""
		if visit && r.Header.Get("X-Inertia-Version") != version {
			h.Set("X-Inertia-Location", r.URL.RequestURI())
			w.WriteHeader(http.StatusConflict)
			return
		}
		body, err := json.Marshal(page{component, props, r.URL.RequestURI(), version})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		h.Set("Cache-Control", "private, no-cache")
		if visit {
			h.Set("X-Inertia", "true")
			h.Set("Content-Type", "application/json")
			_, _ = w.Write(body)
			return
		}
		h.Set("Content-Type", "text/html; charset=utf-8")
		document := make([]byte, 0, len(head)+len(body)+len(documentTail))
		_, _ = w.Write(append(append(append(document, head...), body...), documentTail...))
	}
	list := func(list []row) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			answer(w, r, "List", map[string]any{"errors": struct{}{}, "rows": list})
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /small", list(small))
	mux.Handle("GET /large", list(large))
	mux.HandleFunc("GET /twenty", func(w http.ResponseWriter, r *http.Request) {
		names := twenty
		if r.Header.Get("X-Inertia-Partial-Component") == "Twenty" {
			names = strings.Split(r.Header.Get("X-Inertia-Partial-Data"), ",")
		}
		props := map[string]any{"errors": struct{}{}}
		for _, name := range names {
			props[name] = computed()
		}
		answer(w, r, "Twenty", props)
	})
	return mux
}

type listProps struct {
	Rows []row `json:"rows"`
}

type twentyProps struct {
	A inertia.Computed[[]row] `json:"a"`
	B inertia.Computed[[]row] `json:"b"`
	C inertia.Computed[[]row] `json:"c"`
	D inertia.Computed[[]row] `json:"d"`
	E inertia.Computed[[]row] `json:"e"`
	F inertia.Computed[[]row] `json:"f"`
	G inertia.Computed[[]row] `json:"g"`
	H inertia.Computed[[]row] `json:"h"`
	I inertia.Computed[[]row] `json:"i"`
	J inertia.Computed[[]row] `json:"j"`
	K inertia.Computed[[]row] `json:"k"`
	L inertia.Computed[[]row] `json:"l"`
	M inertia.Computed[[]row] `json:"m"`
	N inertia.Computed[[]row] `json:"n"`
	O inertia.Computed[[]row] `json:"o"`
	P inertia.Computed[[]row] `json:"p"`
	Q inertia.Computed[[]row] `json:"q"`
	R inertia.Computed[[]row] `json:"r"`
	S inertia.Computed[[]row] `json:"s"`
	T inertia.Computed[[]row] `json:"t"`
}

func kitPages(build *vite.Build) http.Handler {
	pages := inertia.New(build, nil)
	answer := func(component string, props func() any) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := pages.Render(w, r, component, props()); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		}
	}
	rows := func() inertia.Computed[[]row] {
		return inertia.Compute(func(context.Context) ([]row, error) { return computed(), nil })
	}
	mux := http.NewServeMux()
	mux.Handle("GET /small", answer("List", func() any { return listProps{small} }))
	mux.Handle("GET /large", answer("List", func() any { return listProps{large} }))
	mux.Handle("GET /twenty", answer("Twenty", func() any {
		return twentyProps{
			A: rows(), B: rows(), C: rows(), D: rows(), E: rows(),
			F: rows(), G: rows(), H: rows(), I: rows(), J: rows(),
			K: rows(), L: rows(), M: rows(), N: rows(), O: rows(),
			P: rows(), Q: rows(), R: rows(), S: rows(), T: rows(),
		}
	}))
	return pages.Middleware(mux)
}

func gonertiaPages(build *vite.Build) http.Handler {
	tags, err := build.Tags("src/app.tsx")
	if err != nil {
		panic(err)
	}
	i, err := gonertia.New(documentHead+tags+"</head>\n<body>\n{{ .inertia }}\n</body>\n</html>\n", gonertia.WithVersion(build.Version()))
	if err != nil {
		panic(err)
	}
	answer := func(component string, props func() gonertia.Props) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := i.Render(w, r, component, props()); err != nil {
				log.Print(err)
			}
		}
	}
	mux := http.NewServeMux()
	mux.Handle("GET /small", answer("List", func() gonertia.Props { return gonertia.Props{"rows": small} }))
	mux.Handle("GET /large", answer("List", func() gonertia.Props { return gonertia.Props{"rows": large} }))
	mux.Handle("GET /twenty", answer("Twenty", func() gonertia.Props {
		props := make(gonertia.Props, len(twenty))
		for _, name := range twenty {
			props[name] = func() any { return computed() }
		}
		return props
	}))
	return i.Middleware(mux)
}
