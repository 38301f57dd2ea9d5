package inertia

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// FieldErrors is an error about the fields of a form: a message for each, by the
// path of the field, such as items.0.name. No message at all says that the form is
// valid, and that a handler stopped because the request was only to ask that.
type FieldErrors interface {
	error
	FieldErrors() map[string]string
}

// Invalid is a [FieldErrors] of its own: messages by field.
type Invalid map[string]string

// Error says which fields are invalid.
func (i Invalid) Error() string {
	return "invalid: " + strings.Join(slices.Sorted(maps.Keys(i)), ", ")
}

// StatusCode returns 422, for clients that get no page.
func (Invalid) StatusCode() int { return http.StatusUnprocessableEntity }

// FieldErrors returns the messages.
func (i Invalid) FieldErrors() map[string]string { return i }

// bagged is a FieldErrors in a bag.
type bagged struct {
	error
	bag string
}

func (b bagged) Unwrap() error { return b.error }

// InBag puts the errors of err into a bag, so that a page with two forms finds those
// of each: errors.BAG.FIELD. A client that names a bag itself needs no InBag.
func InBag(bag string, err error) error {
	if err == nil {
		return nil
	}
	return bagged{err, bag}
}

// Precognition reports whether the request asks only whether a form is valid.
func Precognition(r *http.Request) bool { return r.Header.Get("Precognition") != "" }

// Validated returns err, the outcome of validating a form. To a request that asks
// only whether the form is valid it returns an error in any case, for the handler to
// return before it changes something:
//
//	form, err := web.Bind[signUp](r)
//	if err := inertia.Validated(r, err); err != nil {
//		return err
//	}
func Validated(r *http.Request, err error) error {
	if err == nil && Precognition(r) {
		return Invalid{}
	}
	return err
}

// Error answers err if it is a [FieldErrors]: a visit, and the form of a browser, go
// back to the page they came from, which has the messages in its errors; a request
// that asks only whether the form is valid gets 204 or 422 with the messages. If the
// [Store] has no room for all messages, the page has some of them. Any other error is returned, as is err when the request comes from neither.
func (p *Renderer) Error(w http.ResponseWriter, r *http.Request, err error) error {
	invalid, ok := errors.AsType[FieldErrors](err)
	switch {
	case !ok:
		return err
	case Precognition(r):
		return answerPrecognition(w, r, invalid.FieldErrors())
	case !isVisit(r) && !strings.Contains(r.Header.Get("Accept"), "text/html"):
		return err
	}
	back := back(r)
	if r.Method == http.MethodGet && back == address(r) {
		return err // it would come here again
	}
	bag := ""
	if b, ok := errors.AsType[bagged](err); ok {
		bag = b.bag
	}
	messages := invalid.FieldErrors()
	for {
		leaving := p.leave(w, r, func(l *Left) {
			l.Errors = maps.Clone(l.Errors)
			if l.Errors == nil {
				l.Errors = map[string]map[string]string{}
			}
			l.Errors[bag] = messages
		})
		if leaving == nil {
			break
		}
		if !errors.Is(leaving, ErrTooLarge) {
			return leaving
		}
		if len(messages) <= 1 {
			return err
		}
		messages = half(messages)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// half returns the messages of half of the fields: a person mends some first.
func half(messages map[string]string) map[string]string {
	some := map[string]string{}
	for _, field := range slices.Sorted(maps.Keys(messages))[:len(messages)/2] {
		some[field] = messages[field]
	}
	return some
}

// answerPrecognition says what is wrong with the fields that the client asks about.
func answerPrecognition(w http.ResponseWriter, r *http.Request, messages map[string]string) error {
	if only := list(r.Header, "Precognition-Validate-Only"); only != nil {
		messages = maps.Clone(messages)
		maps.DeleteFunc(messages, func(field, _ string) bool { return !slices.Contains(only, field) })
	}
	h := w.Header()
	h.Set("Precognition", "true")
	h.Set("Cache-Control", "no-store")
	vary(h, "Precognition")
	if len(messages) == 0 {
		h.Set("Precognition-Success", "true")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	body, err := json.Marshal(map[string]any{"message": "The form is not valid.", "errors": messages})
	if err != nil {
		return err
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusUnprocessableEntity)
	_, err = w.Write(body)
	return err
}

// errorsOf returns the errors as a page has them. The client's name for their bag is
// in the header, which a browser repeats after a redirect.
func errorsOf(l Left, h http.Header) any {
	flat, bag := l.Errors[""], h.Get("X-Inertia-Error-Bag")
	if len(l.Errors) == 0 {
		return nil
	}
	all := map[string]any{}
	for name, messages := range l.Errors {
		if name != "" {
			all[name] = messages
		}
	}
	if bag != "" && len(flat) > 0 {
		all[bag] = flat
		return all
	}
	for field, message := range flat {
		all[field] = message
	}
	return all
}
