package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"reflect"
	"strings"

	"github.com/kitgo/kit/internal/fields"
	"github.com/kitgo/kit/validate"
)

// Bind reads the input of a request into a T, usually a struct, and validates it.
//
//	type todoForm struct {
//		Title string     `json:"title" validate:"required,max=200"`
//		Due   *time.Time `json:"due"`
//		Photo *web.Upload `json:"photo" file:"max=5MB,types=image/*"`
//		List  int64      `path:"list"`
//		Page  int        `query:"page"`
//	}
//	form, err := web.Bind[todoForm](r)
//
// The body is JSON or a form, with files or without, as its Content-Type says; for GET
// and HEAD it is the query. The json tag names a field in all of them. In forms, the
// names of fields in structs, lists and maps are address.street or address[street],
// items[0].price or items[0][price], tags or tags[].
//
// What is wrong with the fields is a [validate.Errors], with status 422: unknown
// fields, values that do not fit, and what the tags and methods of T say about the
// rest. Other errors are an [*Error]: 400 for a body that is malformed, 413 for one
// that is too large, 415 for one that is no JSON and no form, 404 for a path parameter
// that does not fit. [Input] has the limits.
func Bind[T any](r *http.Request) (T, error) {
	var v T
	err := bind(r, reflect.ValueOf(&v).Elem(), nil)
	return v, err
}

// BindTo is like [Bind], but the files of a form go where to says, while they arrive,
// instead of to a temporary file. It is called at the beginning of each file, when
// Field, Name and Type of the upload are known, and the fields that the client sent
// before it; its error ends the reading. An upload for which it returns nil goes to a
// temporary file. When an error is returned, what was written is the caller's to
// delete.
func BindTo[T any](r *http.Request, to func(*Upload) (io.Writer, error)) (T, error) {
	var v T
	err := bind(r, reflect.ValueOf(&v).Elem(), to)
	return v, err
}

// maxMistakes is the number of mistakes after which reading stops, as in package
// validate.
const maxMistakes = 100

var errEnough = errors.New("enough mistakes")

// binding is the reading of one input.
type binding struct {
	r     *http.Request
	in    *Input
	to    func(*Upload) (io.Writer, error)
	shape *shape

	path    fields.Path
	room    [8]fields.Segment // for path
	label   string            // of the field at path
	count   int               // of the values so far
	decoded validate.Decoded
	parts   []string // of the name of a form's field, for split
	uploads []*Upload
}

func bind(r *http.Request, v reflect.Value, to func(*Upload) (io.Writer, error)) error {
	s, err := shapeOf(v.Type())
	if err != nil {
		return err
	}
	b := &binding{r: r, in: inputOf(r.Context()), to: to, shape: s}
	b.path = b.room[:0]
	ok := false
	defer func() { b.keep(ok) }() // also when a method of the input panics
	if err = b.read(v); err == nil || errors.Is(err, errEnough) {
		err = b.in.Validator.Decoded(r.Context(), v.Addr().Interface(), &b.decoded)
	}
	ok = err == nil
	return err
}

// read reads all parts of the request.
func (b *binding) read(v reflect.Value) error {
	if s := b.structure(); s != nil && s.outside {
		if err := b.outside(s, v); err != nil {
			return err
		}
	}
	if b.r.Method == http.MethodGet || b.r.Method == http.MethodHead {
		return b.query(v)
	}
	return b.body(v)
}

// structure returns the shape of the struct that is read, or nil if it is none.
func (b *binding) structure() *shape {
	s := b.shape
	for s.form == formPointer {
		s = s.elem
	}
	if s.form != formStruct {
		return nil
	}
	return s
}

// body reads the body by its content type.
func (b *binding) body(v reflect.Value) error {
	r := b.r
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 && r.Header.Get("Content-Type") == "" {
		return nil // all is missing
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return &Error{Status: http.StatusUnsupportedMediaType, Message: "The request body must not be compressed."}
	}
	text := r.Header.Get("Content-Type")
	mediaType, params, err := mime.ParseMediaType(text)
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		return &Error{Status: http.StatusUnsupportedMediaType, Message: "The request body must be in UTF-8."}
	}
	switch {
	case mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json"):
		return b.json(v)
	case mediaType == "application/x-www-form-urlencoded":
		return b.urlencoded(v)
	case mediaType == "multipart/form-data" && err == nil:
		return b.multipart(v, params["boundary"])
	}
	return &Error{Status: http.StatusUnsupportedMediaType, Message: "The request body must be JSON or a form.", Err: fmt.Errorf("its content type is %q", text)}
}

// fail adds a mistake at the path so far.
func (b *binding) fail(m *mistake) error {
	b.decoded.Failed = append(b.decoded.Failed, validate.FieldError{Field: b.path.String(), Rule: m.rule, Params: m.params, Label: b.label})
	if len(b.decoded.Failed) >= maxMistakes {
		return errEnough
	}
	return nil
}

// given notes that v, which was set from input, is there although it is zero.
func (b *binding) given(v reflect.Value) {
	if !v.IsZero() {
		return
	}
	if b.decoded.Zeros == nil {
		b.decoded.Zeros = map[string]bool{}
	}
	b.decoded.Zeros[b.path.String()] = true
}

// enter adds a part to the path for what is read within f.
func (b *binding) enter(part fields.Segment, label string) (leave func()) {
	before := b.label
	b.path, b.label = append(b.path, part), label
	return func() { b.path, b.label = b.path[:len(b.path)-1], before }
}

// named returns the part of a path for a name that the client chose.
func named(name string) fields.Segment {
	if name == "" {
		name = `""`
	}
	return fields.Segment{Name: clip(name)}
}

// clip shortens a text of the client's for messages.
func clip(text string) string {
	const longest = 100
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

// more counts a value, which is an error when there are too many, or too deep ones.
func (b *binding) more() error {
	if b.count++; b.count > b.in.maxFields() {
		return b.tooMany()
	}
	if len(b.path) > b.in.maxDepth() {
		return b.tooDeep()
	}
	return nil
}

func (b *binding) tooMany() error {
	return tooLarge(fmt.Sprintf("The request has more than %d values.", b.in.maxFields()))
}

func (b *binding) tooDeep() error {
	return malformed(fmt.Sprintf("The request has values more than %d levels deep.", b.in.maxDepth()), nil)
}

func malformed(message string, err error) error {
	return &Error{Status: http.StatusBadRequest, Message: message, Err: err}
}

func tooLarge(message string) error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Message: message}
}

// readError is the error of reading a body.
func readError(err error) error {
	if limit, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Error{Status: http.StatusRequestEntityTooLarge, Message: "The request body is larger than " + bytesText(limit.Limit) + ".", Err: err}
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Status == http.StatusRequestTimeout || errors.Is(err, os.ErrDeadlineExceeded) {
		return &Error{Status: http.StatusRequestTimeout, Message: "The request body took too long to arrive.", Err: err}
	}
	return malformed("The request body ends too early.", err)
}

// bytesText returns a size for people: 512 bytes, 1 MiB, 1.5 GiB.
func bytesText(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d bytes", n)
	}
	size, unit := float64(n)/(1<<10), 0
	for size >= 1<<10 && unit < 3 {
		size /= 1 << 10
		unit++
	}
	text := fmt.Sprintf("%.1f", size)
	return strings.TrimSuffix(text, ".0") + " " + [...]string{"KiB", "MiB", "GiB", "TiB"}[unit]
}
