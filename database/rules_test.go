package database_test

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/validate"
)

type teamName string

type memberForm struct {
	ID     int64          `json:"id"`
	Copy   *int64         `json:"copy"`
	Team   teamName       `json:"team" validate:"exists=members.team"`
	Name   string         `json:"name" validate:"required,unique=members.name team=Team id!=ID id!=Copy"`
	Guests []int64        `json:"guests" validate:"exists=members.id active=Active"`
	Aside  []string       `json:"aside" validate:"unique=members.name joined_at!=null"`
	Before *string        `json:"before" validate:"exists=members.name joined_at=null"`
	Active bool           `json:"active"`
	Old    sql.NullString `json:"old"`
	Other  string         `json:"other" validate:"unique=members.name team=Old"`
}

func TestRulesAskTheDatabase(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := members(t, url)
		exec(t, db, "INSERT INTO members (team, name, active) VALUES ('a', 'Ann', true), ('a', 'Bob', true), ('b', 'Ann', false), (NULL, 'Eve', false)")
		v := validate.New(&validate.Options{Rules: database.Rules(db)})
		two := int64(2)
		name, nobody := "Ann", "Nobody"
		tests := map[string]struct {
			form memberForm
			want map[string]string
		}{
			"a new name":              {memberForm{Team: "a", Name: "Cid"}, nil},
			"a name that is taken":    {memberForm{Team: "a", Name: "Ann"}, map[string]string{"name": "The name has already been taken."}},
			"its own name":            {memberForm{ID: 1, Team: "a", Name: "Ann"}, nil},
			"its own by a pointer":    {memberForm{Copy: &two, Team: "a", Name: "Bob"}, nil},
			"another one's by it":     {memberForm{Copy: &two, Team: "a", Name: "Ann"}, map[string]string{"name": "The name has already been taken."}},
			"taken in another team":   {memberForm{Team: "b", Name: "Bob"}, nil},
			"no such team":            {memberForm{Team: "c", Name: "Bob"}, map[string]string{"team": "There is no such team."}},
			"SQL in a value":          {memberForm{Team: "a' OR 1=1 --", Name: "x"}, map[string]string{"team": "There is no such team."}},
			"all of a list":           {memberForm{Team: "a", Name: "x", Active: true, Guests: []int64{1, 2, 1}}, nil},
			"not all of a list":       {memberForm{Team: "a", Name: "x", Active: true, Guests: []int64{1, 2, 3}}, map[string]string{"guests": "There is no such guests."}},
			"one of a list":           {memberForm{Team: "a", Name: "x", Guests: []int64{3}}, nil},
			"an empty list":           {memberForm{Team: "a", Name: "x", Guests: []int64{}}, nil},
			"a column that is null":   {memberForm{Team: "a", Name: "x", Before: &name, Aside: []string{"Ann", "Bob"}}, nil},
			"nobody with null":        {memberForm{Team: "a", Name: "x", Before: &nobody}, map[string]string{"before": "There is no such before."}},
			"a sibling that is null":  {memberForm{Team: "a", Name: "x", Other: "Eve"}, map[string]string{"other": "The other has already been taken."}},
			"and nobody's":            {memberForm{Team: "a", Name: "x", Other: "Ann"}, nil},
			"a sibling that is given": {memberForm{Team: "a", Name: "x", Other: "Ann", Old: sql.NullString{String: "b", Valid: true}}, map[string]string{"other": "The other has already been taken."}},
		}
		for name, tt := range tests {
			var got map[string]string
			err := v.Struct(t.Context(), tt.form)
			if errs, ok := errors.AsType[validate.Errors](err); ok {
				got, err = errs.FieldErrors(), nil
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
		// In a transaction they see what it has written.
		err := db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
			exec(t, tx, "INSERT INTO members (team, name, active) VALUES ('c', 'Cid', true)")
			return v.Struct(ctx, memberForm{Team: "c", Name: "Dan"})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestMistakesInRulesOfTheDatabase(t *testing.T) {
	t.Parallel()
	v := validate.New(&validate.Options{Rules: database.Rules(members(t, "sqlite://:memory:"))})
	for want, form := range map[string]any{
		`the rule unique of A: it needs a table`: struct {
			A string `validate:"unique"`
		}{"x"},
		`the rule exists of A: "members" is no table and column`: struct {
			A string `validate:"exists=members"`
		}{"x"},
		`"id" is no condition such as team_id=TeamID`: struct {
			A string `validate:"exists=members.name id"`
		}{"x"},
		`there is no field ID for id!=ID`: struct {
			A string `validate:"exists=members.name id!=ID"`
		}{"x"},
		`no such table`: struct {
			A string `validate:"exists=nobodies.name"`
		}{"x"},
	} {
		err := v.Struct(t.Context(), form)
		if _, blamed := errors.AsType[validate.Errors](err); err == nil || blamed || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}
