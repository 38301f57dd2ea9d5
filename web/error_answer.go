package web

import (
	"errors"
	"html"
	"mime"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
)

// The forms in which an error is told.
const (
	asText    = "text/plain"
	asHTML    = "text/html"
	asJSON    = "application/json"
	asProblem = "application/problem+json"
)

// errorForm returns the form that the client prefers. A client that takes anything gets
// what it sends.
func errorForm(r *http.Request) string {
	accept := r.Header["Accept"]
	problem, _ := accepted(accept, asProblem)
	json, _ := accepted(accept, asJSON)
	page, _ := accepted(accept, asHTML)
	_, namesProblem := accepted(accept, asProblem)
	_, namesJSON := accepted(accept, asJSON)
	_, namesPage := accepted(accept, asHTML)
	switch {
	case namesProblem && problem > 0 && problem >= json && problem >= page:
		return asProblem
	case namesPage && page > 0 && (!namesJSON || page >= json):
		return asHTML
	case namesJSON && json > 0:
		return asJSON
	}
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media == asJSON {
		return asJSON
	}
	return asText
}

// answer tells the client. Nothing may have been written yet.
func (e *Errors) answer(w http.ResponseWriter, r *http.Request, f Failure) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Content-Range", "ETag", "Last-Modified", "Location"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	addVary(h, "Accept")
	form := errorForm(r)
	if r.Header.Get("X-Inertia") != "" {
		form = asHTML
	}
	switch form {
	case asProblem:
		e.problem(w, f)
	case asJSON:
		_ = JSON(w, f.Status, e.shape(f))
	case asHTML:
		e.page(w, r, f)
	default:
		text := f.Message + "\n"
		if e.reveals(f) {
			text += f.Err.Error() + "\n"
		}
		_ = Text(w, f.Status, text)
	}
}

// reveals reports whether the client is shown the error itself.
func (e *Errors) reveals(f Failure) bool {
	_, onPurpose := errors.AsType[*downError](f.Err)
	return e.Details && f.Status >= 500 && f.Err != nil && !onPurpose
}

// shape returns the error as JSON. The shapes are those that clients of the original
// framework know.
func (e *Errors) shape(f Failure) any {
	message := func(standard string) any {
		if f.Message != http.StatusText(f.Status) {
			standard = f.Message
		}
		return map[string]string{"message": standard}
	}
	switch {
	case f.Fields != nil:
		return struct {
			Message string              `json:"message"`
			Errors  map[string][]string `json:"errors"`
		}{"The given data was invalid.", f.Fields}
	case f.Status == http.StatusUnauthorized:
		return message("Unauthenticated.")
	case f.Status == http.StatusForbidden:
		return message("This action is unauthorized.")
	}
	shape := struct {
		Error  string `json:"error"`
		Detail string `json:"detail,omitempty"`
	}{Error: f.Message}
	if e.reveals(f) {
		shape.Detail = f.Err.Error()
	}
	return shape
}

// problem answers with problem details (RFC 9457), without a type of its own: what a
// client can go by is the status.
func (e *Errors) problem(w http.ResponseWriter, f Failure) {
	p := struct {
		Type      string              `json:"type"`
		Title     string              `json:"title"`
		Status    int                 `json:"status"`
		Detail    string              `json:"detail,omitempty"`
		Errors    map[string][]string `json:"errors,omitempty"`
		RequestID string              `json:"request_id,omitempty"`
	}{"about:blank", http.StatusText(f.Status), f.Status, f.Message, f.Fields, f.RequestID}
	if p.Detail == p.Title {
		p.Detail = ""
	}
	if f.Fields != nil {
		p.Detail = "The given data was invalid."
	}
	if e.reveals(f) {
		p.Detail = f.Err.Error()
	}
	_ = writeJSON(w, f.Status, asProblem, p)
}

// page answers a browser.
func (e *Errors) page(w http.ResponseWriter, r *http.Request, f Failure) {
	if e.reveals(f) {
		_ = HTML(w, f.Status, e.details(r, f))
		return
	}
	if e.Page != nil && f.Status != http.StatusMisdirectedRequest {
		err := e.ownPage(w, r, f)
		if err == nil {
			return
		}
		e.log(r, err, f.Status)
		if Begun(w) {
			panic(http.ErrAbortHandler) // the client must see that the page is not whole
		}
	}
	_ = HTML(w, f.Status, plainPage(f))
}

// ownPage lets the application answer.
func (e *Errors) ownPage(w http.ResponseWriter, r *http.Request, f Failure) (err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if abort, ok := value.(error); ok && errors.Is(abort, http.ErrAbortHandler) {
			panic(value)
		}
		err = &Panic{Value: value, Stack: debug.Stack()}
	}()
	return e.Page(w, r, f)
}

// plainPage is a page that needs nothing else, not even a style sheet that a
// Content-Security-Policy might refuse.
func plainPage(f Failure) string {
	var b strings.Builder
	title := html.EscapeString(f.Message)
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
		"<meta name=\"color-scheme\" content=\"light dark\">\n<title>" + title + "</title>\n</head>\n<body>\n<h1>" +
		strconv.Itoa(f.Status) + "</h1>\n<p>" + title + "</p>\n")
	if f.Status >= 500 && f.RequestID != "" {
		b.WriteString("<p><small>Request " + html.EscapeString(f.RequestID) + "</small></p>\n")
	}
	b.WriteString("</body>\n</html>\n")
	return b.String()
}

// addVary adds a name to the Vary header, once.
func addVary(h http.Header, name string) {
	for _, line := range h["Vary"] {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item == "*" || strings.EqualFold(item, name) {
				return
			}
		}
	}
	h["Vary"] = append(h["Vary"], name)
}
