// Package tasks has requests that handlers of every framework answer, and those handlers:
// two hundred routes with two parameters, of which one is read as a number; a form of five
// fields, and a JSON document with a list of three, each read and validated. All answer
// the same text.
package tasks

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"time"
)

// The bodies of the tasks.
const (
	FormBody = "name=Ada+Lovelace&email=ada%40example.com&count=7&gift=true&note=Please+ring+twice%2C+%C3%A4nd+wait."
	JSONBody = `{"name":"Ada Lovelace","email":"ada@example.com","count":7,"gift":true,"note":"Please ring twice, änd wait.",` +
		`"lines":[{"product":"tea","price":4.5},{"product":"coffee","price":7},{"product":"sugar","price":1.25}]}`
)

// Task is one kind of request.
type Task struct{ Name, Method, Path, ContentType, Body, Want string }

// All are the tasks.
var All = []Task{
	{"200 routes", "GET", "/thing100/7/parts/abc", "", "", "abc 7 0"},
	{"form", "POST", "/form", "application/x-www-form-urlencoded", FormBody, "Ada Lovelace 7 0"},
	{"JSON document", "POST", "/order", "application/json", JSONBody, "Ada Lovelace 7 3"},
}

// Writer is a response that costs nothing.
type Writer struct {
	header http.Header
	Status int
}

// NewWriter returns a writer without headers.
func NewWriter() *Writer { return &Writer{header: http.Header{}} }

// Header returns the headers.
func (w *Writer) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *Writer) WriteHeader(status int) { w.Status = status }

// Write forgets b.
func (w *Writer) Write(b []byte) (int, error) { return len(b), nil }

// SetReadDeadline does nothing: a writer without it, unlike that of a server, would cost
// those who limit how long a body takes an error.
func (w *Writer) SetReadDeadline(time.Time) error { return nil }

// Clear makes it as it was.
func (w *Writer) Clear() {
	w.Status = 0
	clear(w.header)
}

type body struct{ strings.Reader }

func (*body) Close() error { return nil }

// Request returns a function that makes the request of a task anew, at the same cost
// for all.
func (t Task) Request() func() *http.Request {
	base := httptest.NewRequest(t.Method, t.Path, strings.NewReader(t.Body))
	if t.ContentType != "" {
		base.Header.Set("Content-Type", t.ContentType)
	}
	base.Body = http.NoBody // as a server says it
	b := new(body)
	return func() *http.Request {
		r := new(http.Request)
		*r = *base
		if b.Reset(t.Body); t.Body != "" {
			r.Body = b
		}
		return r
	}
}
