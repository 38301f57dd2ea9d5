package validate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/validate"
)

func TestMessagesCanBeReplacedAndTranslated(t *testing.T) {
	t.Parallel()
	type language struct{}
	german := &validate.Catalogue{
		Messages: map[string]string{
			"required":                    "Bitte {field} angeben.",
			"max":                         "{field}: höchstens {max}.",
			"max.text":                    "{field}: höchstens {max} Zeichen.",
			"items.*.name.required":       "Jede Position braucht einen Namen.",
			"address.max":                 "Die Adresse ist zu lang.",
			"oneof":                       "{field}: {values}.",
			"required_with":               "{field} fehlt, weil {other} angegeben ist.",
			"or":                          "oder",
			"gt":                          "{field} muss {other:eins|mehr} sein.",
			"taken":                       "{field} ist vergeben ({arg}, {nothing}).",
			"between":                     "{field} {",
			"multiple_of":                 "{field} geht nicht auf.",
			"entry":                       "{number}. Eintrag von {field}",
			"items.*.name.required.other": "unused",
		},
		Fields: map[string]string{"title": "Titel", "items.*.price": "Preis der Position", "tags": "Schlagwörter"},
		Plural: func(n int) int { return min(n, 1) },
	}
	v := validate.New(&validate.Options{
		Rules: map[string]validate.Rule{"taken": func(_ context.Context, f validate.Field) (bool, error) { return f.Text() != "x", nil }},
		Catalogue: func(ctx context.Context) *validate.Catalogue {
			if ctx.Value(language{}) == "de" {
				return german
			}
			return nil
		},
	})
	type position struct {
		Name  string `json:"name" validate:"required"`
		Price int    `json:"price" validate:"max=3"`
	}
	type form struct {
		Title   string     `json:"title" label:"caption" validate:"required"`
		Other   string     `json:"other" label:"caption" validate:"required"`
		Text    string     `json:"text" validate:"max=1"`
		Address string     `json:"address" validate:"max=1"`
		Items   []position `json:"items"`
		Color   string     `json:"color" validate:"oneof=a b c,oneof=d"`
		With    string     `json:"with" validate:"required_with=Title Other Text"`
		Zero    int        `json:"zero" validate:"gt=0"`
		Taken   string     `json:"taken" validate:"taken=now"`
		Between int        `json:"between" validate:"between=1 2"`
		Tags    []string   `json:"tags" validate:"dive,required"`
		Email   string     `json:"email" validate:"email"`
	}
	value := form{Text: "ab", Address: "ab", Items: []position{{"", 4}}, Color: "e", Taken: "x", Tags: []string{""}, Email: "x"}
	want := map[string]string{
		"title":         "Bitte Titel angeben.",
		"other":         "Bitte caption angeben.",
		"text":          "text: höchstens 1 Zeichen.",
		"address":       "Die Adresse ist zu lang.",
		"items.0.name":  "Jede Position braucht einen Namen.",
		"items.0.price": "Preis der Position: höchstens 3.",
		"color":         "color: a, b oder c.",
		"with":          "with fehlt, weil Titel, caption oder text angegeben ist.",
		"zero":          "zero muss eins sein.",
		"taken":         "taken ist vergeben (now, {nothing}).",
		"between":       "between {",
		"tags.0":        "Bitte 1. Eintrag von Schlagwörter angeben.",
		"email":         "The email must be a valid e-mail address.",
	}
	err := v.Struct(context.WithValue(t.Context(), language{}, "de"), value)
	if diff := cmp.Diff(want, fields(t, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if errs, _ := errors.AsType[validate.Errors](err); len(errs.All()["color"]) != 2 {
		t.Errorf("color has the messages %q, want two", errs.All()["color"])
	}
	if got := fields(t, v.Struct(t.Context(), value))["title"]; got != "The caption is required." {
		t.Errorf("in English: %q", got)
	}
}

func TestOwnRules(t *testing.T) {
	t.Parallel()
	down := errors.New("the database is down")
	calls := 0
	v := validate.New(&validate.Options{Rules: map[string]validate.Rule{
		"free": func(_ context.Context, f validate.Field) (bool, error) {
			calls++
			id, known := f.Sibling("ID")
			if _, unknown := f.Sibling("Id"); unknown || !known || f.Arg != "users.email" || f.Path != "email" {
				t.Errorf("the field is %+v, with the id %v", f, id)
			}
			if f.Value() == "down@example.com" {
				return false, down
			}
			return f.Text() != "taken@example.com" || id == int64(7), nil
		},
	}})
	type withID struct {
		ID    int64  `path:"id"`
		Email string `json:"email" validate:"email,free=users.email"`
	}
	if got := fields(t, v.Struct(t.Context(), withID{1, "taken@example.com"})); got["email"] == "" {
		t.Error("a taken address is free")
	}
	if err := v.Struct(t.Context(), withID{7, "taken@example.com"}); err != nil {
		t.Error(err)
	}
	if err := v.Struct(t.Context(), withID{7, "down@example.com"}); !errors.Is(err, down) {
		t.Errorf("the error of the rule is %v", err)
	}
	if fields(t, v.Struct(t.Context(), withID{7, "no address"})); calls != 3 {
		t.Errorf("the rule was asked %d times, want 3: not about what is wrong already", calls)
	}
}
