package validate_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/validate"
)

// fields returns the first message of each field of err, and fails on other errors.
func fields(t *testing.T, err error) map[string]string {
	t.Helper()
	if err == nil {
		return map[string]string{}
	}
	errs, ok := errors.AsType[validate.Errors](err)
	if !ok {
		t.Fatalf("%v is no validate.Errors", err)
	}
	return errs.FieldErrors()
}

// structOf returns a struct with a text and a rule about it.
func structOf(rule, text string) any {
	t := reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[string](), Tag: reflect.StructTag(`validate:"` + rule + `"`)}})
	v := reflect.New(t)
	v.Elem().Field(0).SetString(text)
	return v.Interface()
}

func TestRules(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	two := 2
	long := strings.Repeat("x", 201)
	for name, c := range map[string]struct {
		value any
		want  map[string]string
	}{
		"required text": {struct {
			A string `json:"a" validate:"required"`
			B string `json:"b" validate:"required"`
			C string `json:"c" validate:"required"`
		}{"", " \t", "c"}, map[string]string{"a": "The a is required.", "b": "The b is required."}},
		"required lists, pointers, times": {struct {
			List  []string       `json:"list" validate:"required"`
			Empty []string       `json:"empty" validate:"required"`
			Map   map[string]int `json:"map" validate:"required"`
			Ptr   *int           `json:"ptr" validate:"required"`
			Zero  *int           `json:"zero" validate:"required"`
			Blank *string        `json:"blank" validate:"required"`
			Time  time.Time      `json:"time" validate:"required"`
		}{Empty: []string{}, Zero: new(int), Blank: new(string)}, map[string]string{
			"list": "The list is required.", "empty": "The empty is required.", "map": "The map is required.", "ptr": "The ptr is required.",
			"blank": "The blank is required.", "time": "The time is required."}},
		"a value that is missing is not asked": {struct {
			A string    `json:"a" validate:"email,min=3"`
			B *int      `json:"b" validate:"min=3"`
			C []int     `json:"c" validate:"min=3"`
			D time.Time `json:"d" validate:"after=now"`
		}{}, map[string]string{}},
		"sizes": {struct {
			Title  string         `json:"title" validate:"max=200"`
			One    string         `json:"one" validate:"max=1"`
			Umlaut string         `json:"umlaut" validate:"len=3"`
			N      int            `json:"n" validate:"min=3"`
			U      uint8          `json:"u" validate:"max=3"`
			F      float64        `json:"f" validate:"between=0.5 1"`
			L      []int          `json:"l" validate:"min=1"`
			M      map[string]int `json:"m" validate:"between=2 3"`
			P      *int           `json:"p" validate:"min=3"`
			S      float64        `json:"s" validate:"multiple_of=0.1"`
			S2     int            `json:"s2" validate:"multiple_of=5"`
		}{long, "xy", "äöü", 2, 4, 1.5, []int{}, map[string]int{"a": 1}, &two, 0.3, 7}, map[string]string{
			"title": "The title must be at most 200 characters.",
			"one":   "The one must be at most 1 character.",
			"n":     "The n must be at least 3.",
			"u":     "The u must be at most 3.",
			"f":     "The f must be between 0.5 and 1.",
			"l":     "The l must have at least 1 entry.",
			"m":     "The m must have 2 to 3 entries.",
			"p":     "The p must be at least 3.",
			"s2":    "The s2 must be a multiple of 5.",
		}},
		"conditions": {struct {
			Kind    string `json:"kind"`
			Company string `json:"company" validate:"required_if=Kind business club"`
			Name    string `json:"name" validate:"required_unless=Kind business"`
			Vat     string `json:"vat" label:"VAT number" validate:"required_with=Kind"`
			Both    string `json:"both" validate:"required_with_all=Kind Company"`
			Mail    string `json:"mail" validate:"required_without=Phone"`
			Phone   string `json:"phone"`
			Any     string `json:"any" validate:"required_without_all=Mail Phone"`
			Never   string `json:"never" validate:"prohibited"`
			Not     string `json:"not" validate:"prohibited_if=Kind business"`
			NotB    string `json:"notB" validate:"prohibited_unless=Kind private"`
			NotC    string `json:"notC" validate:"prohibited_with=Kind Mail"`
		}{Kind: "business", Never: "x", Not: "x", NotB: "x", NotC: "x"}, map[string]string{
			"company": "The company is required when kind is business or club.",
			"vat":     "The VAT number is required when kind is given.",
			"mail":    "The mail is required when phone is not given.",
			"any":     "The any is required when none of mail or phone is given.",
			"never":   "The never must be left out.",
			"not":     "The not must be left out when kind is business.",
			"notB":    "The not b must be left out unless kind is private.",
			"notC":    "The not c must be left out when kind or mail is given.",
		}},
		"other fields": {struct {
			Password string    `json:"password"`
			Repeat   string    `json:"repeat" validate:"same=Password"`
			Old      string    `json:"old" validate:"different=Password"`
			From     int       `json:"from"`
			To       int       `json:"to" validate:"gte=From"`
			Start    time.Time `json:"start"`
			End      time.Time `json:"end" validate:"after=Start"`
			Past     time.Time `json:"past" validate:"before=now"`
			Early    time.Time `json:"early" validate:"after=2026-06-01"`
			Ptr      *int      `json:"ptr" validate:"lt=From"`
		}{"a", "b", "a", 9, 8, day, day, later, day, nil}, map[string]string{
			"repeat": "The repeat must be the same as password.",
			"old":    "The old must be different from password.",
			"to":     "The to must be at least from.",
			"end":    "The end must be after start.",
			"past":   "The past must be in the past.",
			"early":  "The early must be after 2026-06-01.",
		}},
		"sets": {struct {
			A string   `json:"a" validate:"oneof=red 'dark green' blue"`
			B string   `json:"b" validate:"oneof=red 'dark green'"`
			C int      `json:"c" validate:"oneof=1 2"`
			D string   `json:"d" validate:"notin=root admin"`
			E []string `json:"e" validate:"distinct"`
			F string   `json:"f" validate:"matches='^[a-z]{2,3}$'"`
			G string   `json:"g" validate:"startswith=a b,endswith=z,contains=q,excludes=y"`
			H bool     `json:"h" validate:"accepted"`
			I string   `json:"i" validate:"date"`
			J string   `json:"j" validate:"date='15:04'"`
		}{"pink", "dark green", 3, "root", []string{"a", "b", "a"}, "abcd", "aqyz", false, "2026-02-30", "9:30"}, map[string]string{
			"a": "The a must be red, dark green or blue.",
			"c": "The c must be 1 or 2.",
			"d": "The d must not be root or admin.",
			"e": "The e must not have an entry twice.",
			"f": "The f does not have the right form.",
			"g": "The g must not contain y.",
			"h": "The h must be accepted.",
			"i": "The i must be a date, such as 2026-01-31.",
		}},
		"names": {struct {
			FirstName string `json:"first_name" validate:"required"`
			UnitPrice string `json:"unitPrice" validate:"required"`
			APIKey    string `validate:"required"`
			Own       string `json:"own" validate:"email" message:"That is no address."`
		}{Own: "x"}, map[string]string{
			"first_name": "The first name is required.", "unitPrice": "The unit price is required.",
			"APIKey": "The API key is required.", "own": "That is no address."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fields(t, (*validate.Validator)(nil).Struct(t.Context(), c.value))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormsOfText(t *testing.T) {
	t.Parallel()
	for rule, c := range map[string]struct{ good, bad []string }{
		"email":       {[]string{"a@example.com", "a.b+c@sub.example.co", "jürgen@müller.de"}, []string{"a", "a@b", "a b@example.com", "A <a@example.com>", "a@example..com", "a@-x.com", "a@[1.2.3.4]", strings.Repeat("a", 65) + "@example.com", "a@example.com\n"}},
		"url":         {[]string{"https://example.com", "http://localhost:8080/a?b#c"}, []string{"example.com", "javascript:alert(1)", "ftp://x.y", "https://", "//example.com", "http:example"}},
		"uuid":        {[]string{"018f4e6c-7f3e-7c1a-9a51-0123456789aB"}, []string{"018f4e6c7f3e7c1a9a510123456789ab", "018f4e6c-7f3e-7c1a-9a51-0123456789ag", "{018f4e6c-7f3e-7c1a-9a51-0123456789}"}},
		"ip":          {[]string{"10.0.0.1", "::1"}, []string{"10.0.0", "fe80::1%eth0", "010.0.0.1"}},
		"ipv4":        {[]string{"10.0.0.1"}, []string{"::1"}},
		"ipv6":        {[]string{"::1"}, []string{"10.0.0.1"}},
		"cidr":        {[]string{"10.0.0.0/8"}, []string{"10.0.0.0", "10.0.0.0/33"}},
		"hostname":    {[]string{"localhost", "a-b.example.com"}, []string{"a_b", "-a", "a..b", "müller.de", strings.Repeat("a", 64)}},
		"alpha":       {[]string{"Zoë"}, []string{"a1", "a b"}},
		"alphanum":    {[]string{"Zoë1"}, []string{"a-1"}},
		"digits":      {[]string{"0123"}, []string{"-1", "1.5", "٣"}},
		"ascii":       {[]string{"a~"}, []string{"ä"}},
		"slug":        {[]string{"a-1", "x"}, []string{"-a", "a--b", "A"}},
		"lowercase":   {[]string{"ä1"}, []string{"Ä"}},
		"uppercase":   {[]string{"Ä1"}, []string{"ä"}},
		"timezone":    {[]string{"UTC"}, []string{"Local", "Mars/Olympus", "../etc/passwd"}},
		"json":        {[]string{`{"a":1}`}, []string{`{a:1}`}},
		"hexcolor":    {[]string{"#fff", "#1a2b3cff"}, []string{"fff", "#ff", "#ggg"}},
		"phone":       {[]string{"+4930123456"}, []string{"030123456", "+0301234567", "+49 30 123456", "+1234567890123456"}},
		"single_line": {[]string{"a b"}, []string{"a\nb", "a\u2028b"}},
		"date":        {[]string{"2026-02-28"}, []string{"2026-02-30", "28.2.2026"}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			v := validate.New(&validate.Options{Rules: map[string]validate.Rule{}})
			for _, text := range c.good {
				if err := v.Struct(t.Context(), structOf(rule, text)); err != nil {
					t.Errorf("%q: %v", text, err)
				}
			}
			for _, text := range c.bad {
				if err := v.Struct(t.Context(), structOf(rule, text)); err == nil {
					t.Errorf("%q is %s", text, rule)
				}
			}
		})
	}
}

func TestMistakesInTags(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		`the rule requird: there is no such rule; did you mean required?`: struct {
			A string `validate:"requird"`
		}{},
		`the rule email: it is for text, not for int`: struct {
			A int `validate:"email"`
		}{},
		`the rule min: "x" is no number`: struct {
			A int `validate:"min=x"`
		}{},
		`the rule max: -1 is no length`: struct {
			A string `validate:"max=-1"`
		}{},
		`has no field Pasword; did you mean Password?`: struct {
			Password string
			A        string `validate:"same=Pasword"`
		}{},
		`a quote in "matches='^a" is not closed`: struct {
			A string `validate:"matches='^a"`
		}{},
		`has an empty rule`: struct {
			A string `validate:"required,,max=1"`
		}{},
		`dive needs a list or a map`: struct {
			A string `validate:"dive,max=1"`
		}{},
		`write dive before it`: struct {
			A []string `validate:"oneof=a b"`
		}{},
		`it needs a layout`: struct {
			A string `validate:"date=ymd"`
		}{},
		`it takes no argument`: struct {
			A string `validate:"required=yes"`
		}{},
		`there are after and before`: struct {
			A time.Time `validate:"gt=2"`
		}{},
		`which cannot be compared`: struct {
			B int
			A string `validate:"same=B"`
		}{},
		`it is for time.Time`: struct {
			A string `validate:"after=now"`
		}{},
		`needs a field and its values`: struct {
			A string `validate:"required_if=A"`
		}{},
		`missing closing`: struct {
			A string `validate:"matches=("`
		}{},
		`0 is no step`: struct {
			A int `validate:"multiple_of=0"`
		}{},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{validate.New(nil).Check(value), validate.New(nil).Struct(t.Context(), value)} {
				if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), ".A") {
					t.Errorf("the error is %v", err)
				}
				if _, ok := errors.AsType[validate.Errors](err); ok {
					t.Error("the error blames the input")
				}
			}
		})
	}
	if err := validate.New(nil).Check(booking{}, order{}); err != nil {
		t.Error(err)
	}
}

func TestEveryRuleHasAMessage(t *testing.T) {
	t.Parallel()
	english := validate.English()
	for rule, message := range english {
		if rule != "entry" && rule != "input" && rule != "or" && (!strings.Contains(message, "{field}") || !strings.HasSuffix(message, ".")) {
			t.Errorf("the message of %s is %q", rule, message)
		}
	}
	english["required"] = "changed"
	if validate.English()["required"] == "changed" {
		t.Error("English returns the messages themselves")
	}
}

func TestAHostileInputHasAnEnd(t *testing.T) {
	t.Parallel()
	type form struct {
		L []string `json:"l" validate:"dive,email"`
	}
	value := form{make([]string, 1000)}
	for i := range value.L {
		value.L[i] = "x"
	}
	errs, _ := errors.AsType[validate.Errors](validate.New(nil).Struct(t.Context(), value))
	if len(errs) != 100 {
		t.Errorf("there are %d mistakes, want the first 100", len(errs))
	}
}

func TestZerosThatWereGiven(t *testing.T) {
	t.Parallel()
	type form struct {
		Done  bool `json:"done" validate:"required"`
		Count int  `json:"count" validate:"required,min=1"`
		Other int  `json:"other" validate:"min=1"`
		Inner struct {
			A string `json:"a" validate:"required"`
		} `json:"inner" validate:"required"`
		Failed int `json:"failed" validate:"required"`
	}
	v := validate.New(nil)
	got := fields(t, v.Decoded(t.Context(), form{}, &validate.Decoded{Failed: validate.Errors{{Field: "failed", Rule: "type.integer"}}}))
	want := map[string]string{"done": "The done is required.", "count": "The count is required.", "inner": "The inner is required.", "failed": "The failed must be a whole number."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("nothing given (-want +got):\n%s", diff)
	}
	got = fields(t, v.Decoded(t.Context(), form{}, &validate.Decoded{Zeros: map[string]bool{"done": true, "count": true, "other": true, "inner": true, "failed": true}}))
	want = map[string]string{"count": "The count must be at least 1.", "other": "The other must be at least 1.", "inner.a": "The a is required."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("zeros given (-want +got):\n%s", diff)
	}
}
