package validate

import (
	"net/http"
	"slices"
	"strings"
)

// FieldError is a mistake in one field.
type FieldError struct {
	// Field is the path of the field as the input names it, with dots: "email",
	// "address.street", "items.2.price". It is empty for the input as a whole.
	Field string
	// Rule is the key of the message in a [Catalogue], such as "required" or
	// "max.text".
	Rule string
	// Params are what the message says about the rule, by their names in it.
	Params map[string]any
	// Label is what the message calls the field, unless the catalogue has a name for
	// it; if it is empty, the words of the field's name.
	Label string
	// Message is the sentence for the person who filled in the field. The validator
	// makes it of the rest, if it is empty.
	Message string
}

// Name is the name of another field in the Params of a [FieldError].
type Name struct{ Field, Label string }

// Errors are the mistakes in an input, in the order of its fields. As an error it
// must not be empty: return [Errors.Err].
type Errors []FieldError

// Fail returns an error of one field, for a Validate method and for handlers.
func Fail(field, message string) error {
	return Errors{{Field: field, Message: message}}
}

// Add adds the mistake of a field, with its message.
func (e *Errors) Add(field, message string) {
	*e = append(*e, FieldError{Field: field, Message: message})
}

// AddRule adds the mistake of a field whose message is in the catalogue under rule.
func (e *Errors) AddRule(field, rule string, params map[string]any) {
	*e = append(*e, FieldError{Field: field, Rule: rule, Params: params})
}

// Err returns e, or nil if there is no mistake in it.
func (e Errors) Err() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// Error returns a line of all fields and messages, without the values.
func (e Errors) Error() string {
	var b strings.Builder
	b.WriteString("the input is not valid")
	for i, f := range e {
		b.WriteString([...]string{": ", "; "}[min(i, 1)])
		if f.Field != "" {
			b.WriteString(f.Field + ": ")
		}
		b.WriteString(f.text())
	}
	return b.String()
}

// text returns the message, or what stands for it before there is one.
func (f *FieldError) text() string {
	if f.Message == "" {
		return f.Rule
	}
	return f.Message
}

// StatusCode returns 422 Unprocessable Content.
func (Errors) StatusCode() int { return http.StatusUnprocessableEntity }

// FieldErrors returns the first message of each field, as a form shows them.
func (e Errors) FieldErrors() map[string]string {
	first := make(map[string]string, len(e))
	for _, f := range e {
		if _, ok := first[f.Field]; !ok {
			first[f.Field] = f.text()
		}
	}
	return first
}

// All returns the messages of each field.
func (e Errors) All() map[string][]string {
	all := make(map[string][]string, len(e))
	for _, f := range e {
		all[f.Field] = append(all[f.Field], f.text())
	}
	return all
}

// Has reports whether there is a mistake in field.
func (e Errors) Has(field string) bool {
	return slices.ContainsFunc(e, func(f FieldError) bool { return f.Field == field })
}
