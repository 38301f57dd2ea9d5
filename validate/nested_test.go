package validate_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/validate"
)

type item struct {
	Price *int `json:"price" validate:"required,min=1"`
}

type order struct {
	Address struct {
		Street string `json:"street" validate:"required"`
	} `json:"address"`
	Billing *item            `json:"billing"`
	Items   []item           `json:"items" validate:"required,max=3"`
	Tags    []string         `json:"tags" validate:"dive,min=2,email"`
	Grid    [][]int          `json:"grid" validate:"dive,max=2,dive,max=9"`
	By      map[string]*item `json:"by"`
}

func TestNestedValues(t *testing.T) {
	t.Parallel()
	zero, one := 0, 1
	got := fields(t, validate.New(nil).Struct(t.Context(), &order{
		Items: []item{{&one}, {&zero}, {nil}},
		Tags:  []string{"a@example.com", "x"},
		Grid:  [][]int{{1, 2, 3}, {1, 10}},
		By:    map[string]*item{"a": {nil}, "b": {&one}, "c": nil},
	}))
	want := map[string]string{
		"address.street": "The street is required.",
		"items.1.price":  "The price must be at least 1.",
		"items.2.price":  "The price is required.",
		"tags.1":         "The entry 2 of tags must be at least 2 characters.",
		"grid.0":         "The entry 1 of grid must have at most 2 entries.",
		"grid.1.1":       "The entry 2 of entry 2 of grid must be at most 9.",
		"by.a.price":     "The price is required.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type node struct {
	Name string  `json:"name" validate:"required"`
	Next *node   `json:"next"`
	All  []*node `json:"all"`
}

func TestATypeMayHoldItself(t *testing.T) {
	t.Parallel()
	got := fields(t, validate.New(nil).Struct(t.Context(), node{Name: "a", Next: &node{Next: &node{Name: "c"}}, All: []*node{{}}}))
	want := map[string]string{"next.name": "The name is required.", "all.0.name": "The name is required."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

type booking struct {
	Guests int  `json:"guests" validate:"min=1"`
	Beds   int  `json:"beds"`
	Broken bool `json:"broken"`
}

var errBroken = errors.New("broken")

func (b *booking) Validate(context.Context) error {
	var errs validate.Errors
	if b.Broken {
		return errBroken
	}
	if b.Guests > b.Beds {
		errs.Add("guests", "The room has fewer beds.")
		errs.AddRule("", "room.small", map[string]any{"beds": b.Beds})
	}
	return errs.Err()
}

func TestMethods(t *testing.T) {
	t.Parallel()
	v := validate.New(&validate.Options{Catalogue: func(context.Context) *validate.Catalogue {
		return &validate.Catalogue{Messages: map[string]string{"room.small": "There {beds:is|are} {beds} {beds:bed|beds}."}}
	}})
	type trip struct {
		Nights []booking          `json:"nights"`
		By     map[string]booking `json:"by"`
	}
	got := fields(t, v.Struct(t.Context(), trip{[]booking{{1, 1, false}, {2, 1, false}, {0, -1, true}}, map[string]booking{"x": {3, 2, false}}}))
	want := map[string]string{
		"nights.1.guests": "The room has fewer beds.",
		"nights.1":        "There is 1 bed.",
		"nights.2.guests": "The guests must be at least 1.", // and its method is not called
		"by.x.guests":     "The room has fewer beds.",
		"by.x":            "There are 2 beds.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := v.Struct(t.Context(), booking{Guests: 1, Broken: true}); !errors.Is(err, errBroken) {
		t.Errorf("the error of the method is %v", err)
	}
}
