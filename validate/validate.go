// Package validate checks values by the tags and methods of their types, and says
// what is wrong with each field in sentences for the person who filled it in.
//
//	type signUp struct {
//		Name     string `json:"name" validate:"required,max=100"`
//		Email    string `json:"email" label:"e-mail address" validate:"required,email,unique=users.email"`
//		Password string `json:"password" validate:"required,min=12"`
//		Repeat   string `json:"repeat" validate:"same=Password" message:"The two passwords differ."`
//		Company  string `json:"company" validate:"required_if=Kind business"`
//		Kind     string `json:"kind" validate:"oneof=private business"`
//	}
//
// A tag holds rules with commas between them; docs/validation.md lists them. Quotes
// hold commas and spaces: matches='^[a-z]{2,3}$', oneof='New York' Berlin. Other
// fields are named as in Go.
//
// A rule other than required and its kin is not asked about a value that is missing:
// a nil pointer, list or map, an empty text, a zero time, and for [web.Bind] a number
// or bool that was not in the input. Structs in structs, lists and maps are checked
// too; the rules after dive are those of the entries of a list or map:
//
//	Tags []string `json:"tags" validate:"max=5,dive,required,max=30"`
//
// What tags cannot say is said by a method of the type. It is called when the tags
// have found nothing wrong in the struct, so it may rely on them:
//
//	func (b booking) Validate(ctx context.Context) error {
//		if b.Guests > b.Room.Beds {
//			return validate.Fail("guests", "The room does not have that many beds.")
//		}
//		return nil
//	}
//
// [web.Bind]: https://pkg.go.dev/github.com/kitgo/kit/web#Bind
package validate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"sync"
)

// Options are the settings of a [Validator].
type Options struct {
	// Rules are the application's own rules, by their names in tags.
	Rules map[string]Rule
	// Catalogue returns the messages for a request, by its context. Nil, and a nil
	// result, are English.
	Catalogue func(ctx context.Context) *Catalogue
}

// Rule decides whether a value is right. It is asked after the rules of this package,
// and only if they have found nothing wrong with the field, so it may be slow. An
// error is none of the person's: it ends the validation, and is returned as it is.
type Rule func(ctx context.Context, f Field) (ok bool, err error)

// Validator checks values. A nil Validator knows the rules of this package, and
// English.
type Validator struct {
	rules     map[string]Rule
	catalogue func(context.Context) *Catalogue
	plans     *sync.Map // reflect.Type -> *plan
}

// builtIn holds the plans of all validators without rules of their own: a type is
// read once.
var builtIn sync.Map

// New returns a validator. A nil o stands for the defaults.
func New(o *Options) *Validator {
	v := &Validator{plans: &builtIn}
	if o == nil {
		return v
	}
	v.catalogue = o.Catalogue
	if len(o.Rules) > 0 {
		v.rules, v.plans = maps.Clone(o.Rules), new(sync.Map)
	}
	return v
}

// Struct checks value, a struct or a pointer to one, or a list or map of them. It
// returns [Errors], or another error when value could not be checked: a mistake in a
// tag, or an error of a rule or method.
func (v *Validator) Struct(ctx context.Context, value any) error {
	return v.Decoded(ctx, value, nil)
}

// Decoded is what a decoder knows of a value beyond the value.
type Decoded struct {
	// Zeros are the paths of numbers, bools and structs that were in the input as
	// zero values. Others that are zero were not in it.
	Zeros map[string]bool
	// Failed are the mistakes of fields that could not be decoded. They are not checked
	// again, and come first in the result.
	Failed Errors
}

// Decoded is like [Validator.Struct] for a value that was decoded from input. With a
// nil d each number and bool counts as given.
func (v *Validator) Decoded(ctx context.Context, value any, d *Decoded) error {
	if v == nil {
		v = &Validator{plans: &builtIn}
	}
	w := &walk{v: v, ctx: ctx}
	w.path = w.room[:0]
	if d != nil {
		w.decoded, w.zeros, w.errs = true, d.Zeros, d.Failed
		for _, f := range d.Failed {
			if w.failed == nil {
				w.failed = map[string]bool{}
			}
			w.failed[f.Field] = true
		}
	}
	if rv := reflect.ValueOf(value); rv.IsValid() {
		p, err := v.plan(rv.Type())
		if err != nil {
			return err
		}
		if err := w.value(p, rv); err != nil && !errors.Is(err, errEnough) {
			return err
		}
	}
	v.say(ctx, w.errs)
	return w.errs.Err()
}

// Say gives the mistakes that have none a message.
func (v *Validator) Say(ctx context.Context, errs Errors) {
	if v == nil {
		v = &Validator{}
	}
	v.say(ctx, errs)
}

func (v *Validator) say(ctx context.Context, errs Errors) {
	var c *Catalogue
	if v.catalogue != nil && len(errs) > 0 {
		c = v.catalogue(ctx)
	}
	for i := range errs {
		if errs[i].Message == "" {
			errs[i].Message = c.say(&errs[i])
		}
	}
}

// Check reports the mistakes in the tags of the types of values, for a test of an
// application.
func (v *Validator) Check(values ...any) error {
	if v == nil {
		v = &Validator{plans: &builtIn}
	}
	var errs []error
	for _, value := range values {
		if value == nil {
			errs = append(errs, errors.New("validate: the type of nil is not known"))
			continue
		}
		_, err := v.plan(reflect.TypeOf(value))
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// plan returns how values of type t are checked.
func (v *Validator) plan(t reflect.Type) (*plan, error) {
	if found, ok := v.plans.Load(t); ok {
		return found.(*plan), nil
	}
	c := compiler{rules: v.rules, plans: map[reflect.Type]*plan{}}
	p, err := c.plan(t)
	if err != nil {
		return nil, fmt.Errorf("validate: %w", err)
	}
	found, _ := v.plans.LoadOrStore(t, p)
	return found.(*plan), nil
}
