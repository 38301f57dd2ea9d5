package web

import (
	"cmp"
	"context"
	"net/http"

	"github.com/kitgo/kit/validate"
)

// Input says how [Bind] reads requests. A setting that is zero is that of the Input
// around it, or its default.
//
//	r.Use((&web.Input{Validator: rules}).Middleware) // for the application
//	r.Group("/videos", func(r *web.Router) {
//		r.Use((&web.Input{MaxUpload: 500 << 20}).Middleware) // for a group
//		r.Post("/", videos.Store)
//	})
type Input struct {
	// Validator checks what was read. Default: the rules of package validate, in English.
	Validator *validate.Validator

	// MaxDocument is the size in bytes of a JSON document, of a form, and of what a form
	// with files has besides them. Default: 1 MiB, or what [MaxBody] says if that is
	// less.
	MaxDocument int64
	// MaxUpload is the size in bytes of a form with files as a whole. Default: 10 MiB, or
	// what [MaxBody] says if that is less.
	MaxUpload int64
	// MaxFiles is the number of files. Default: 20.
	MaxFiles int
	// MaxFields is the number of values: the fields of a form or query, the members and
	// entries of JSON. Default: 10,000.
	MaxFields int
	// MaxDepth is how deep values may lie in others. Default: 32.
	MaxDepth int

	// TempDir is where files are kept while a request is handled. Default: os.TempDir().
	TempDir string
	// AllowUnknown ignores fields that the type does not have. Without it they are
	// mistakes: a field that was misspelt is found, and none is filled in that nobody
	// thought of. In a query, and in forms those that begin with _, are always ignored.
	AllowUnknown bool
}

// Middleware makes [Bind] read the requests of a router, group or route as in says.
func (in *Input) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, r := scoped(r)
		outer := s.input
		s.input = in.over(inputOf(r.Context()))
		next.ServeHTTP(w, r)
		s.input = outer
	})
}

var noInput Input

// inputOf returns the settings for a request; what they do not say is zero.
func inputOf(ctx context.Context) *Input {
	if s := scopeOf(ctx); s != nil && s.input != nil {
		return s.input
	}
	return &noInput
}

// over returns the settings of in, and of outer where in has none.
func (in *Input) over(outer *Input) *Input {
	if outer == &noInput {
		return in
	}
	return &Input{
		Validator:    cmp.Or(in.Validator, outer.Validator),
		MaxDocument:  cmp.Or(in.MaxDocument, outer.MaxDocument),
		MaxUpload:    cmp.Or(in.MaxUpload, outer.MaxUpload),
		MaxFiles:     cmp.Or(in.MaxFiles, outer.MaxFiles),
		MaxFields:    cmp.Or(in.MaxFields, outer.MaxFields),
		MaxDepth:     cmp.Or(in.MaxDepth, outer.MaxDepth),
		TempDir:      cmp.Or(in.TempDir, outer.TempDir),
		AllowUnknown: in.AllowUnknown || outer.AllowUnknown,
	}
}

func (in *Input) maxFiles() int  { return cmp.Or(in.MaxFiles, 20) }
func (in *Input) maxFields() int { return cmp.Or(in.MaxFields, 10_000) }
func (in *Input) maxDepth() int  { return cmp.Or(in.MaxDepth, 32) }
