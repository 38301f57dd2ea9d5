package factory_test

import (
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/kitgo/kit/database/factory"
)

// faked returns n values.
func faked[T any](n int, f func(*factory.Fake) T) []T {
	return factory.New(f).Seed(1).MakeMany(n)
}

func TestFakesAreOfTheirForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fake   func(*factory.Fake) string
		form   string
		unlike int // how many of 500 must differ at least
	}{
		"FirstName": {(*factory.Fake).FirstName, `^[A-Z][a-z]+$`, 80},
		"LastName":  {(*factory.Fake).LastName, `^[A-Z][a-z]+$`, 80},
		"Name":      {(*factory.Fake).Name, `^[A-Z][a-z]+ [A-Z][a-z]+$`, 450},
		"Email":     {(*factory.Fake).Email, `^[a-z]+\.[a-z]+\d+\.[a-z0-9]{1,4}@example\.com$`, 500},
		"Username":  {(*factory.Fake).Username, `^[a-z]+\.[a-z]+\d+\.[a-z0-9]{1,4}$`, 500},
		"Phone":     {(*factory.Fake).Phone, `^\+1-[2-9]\d\d-555-01\d\d$`, 450},
		"Company":   {(*factory.Fake).Company, `^[A-Z][a-z]+ [A-Z]\w+$`, 300},
		"Street":    {(*factory.Fake).Street, `^[1-9]\d* [A-Z][a-z]+ [A-Z][a-z]+$`, 450},
		"City":      {(*factory.Fake).City, `^[A-Z][a-z]+$`, 50},
		"URL":       {(*factory.Fake).URL, `^https://[a-z]+\.example\.com/[a-z]+$`, 450},
		"UUID":      {(*factory.Fake).UUID, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, 500},
		"Word":      {(*factory.Fake).Word, `^[a-z]+$`, 120},
		"Words":     {func(f *factory.Fake) string { return f.Words(3) }, `^[a-z]+ [a-z]+ [a-z]+$`, 500},
		"Sentence":  {(*factory.Fake).Sentence, `^[A-Z][a-z]+( [a-z]+){3,11}\.$`, 500},
		"Paragraph": {(*factory.Fake).Paragraph, `^([A-Z][a-z ]+\. ?){3,6}$`, 500},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			form := regexp.MustCompile(c.form)
			seen := map[string]bool{}
			for _, s := range faked(500, c.fake) {
				seen[s] = true
				if !form.MatchString(s) || name != "Paragraph" && len(s) > 120 {
					t.Errorf("%q", s)
				}
				if _, err := uuid.Parse(s); name == "UUID" && err != nil {
					t.Errorf("%q: %v", s, err)
				}
			}
			if len(seen) < c.unlike {
				t.Errorf("only %d of 500 differ, want %d", len(seen), c.unlike)
			}
		})
	}
}

func TestEmailsOfOneRowDiffer(t *testing.T) {
	t.Parallel()
	for _, list := range faked(10, func(f *factory.Fake) []string { return []string{f.Email(), f.Email(), f.Username()} }) {
		if list[0] == list[1] || strings.HasPrefix(list[1], list[2]) || strings.HasPrefix(list[0], list[2]+"@") {
			t.Errorf("%q", list)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	low, high := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 3, 0, 0, 0, 0, time.FixedZone("", 3600))
	seen := map[int]int{}
	picked := map[string]int{}
	heads := 0
	for _, f := range faked(2000, func(f *factory.Fake) *factory.Fake { return f }) {
		seen[f.Int(-3, 3)]++
		picked[factory.Pick(f, "a", "b")]++
		if f.Bool() {
			heads++
		}
		if n := f.Int(math.MinInt, math.MaxInt); f.Int(n, n) != n {
			t.Errorf("Int(%d, %[1]d) is another number", n)
		}
		if x := f.Float(1.5, 1.75); x < 1.5 || x >= 1.75 {
			t.Errorf("Float = %v", x)
		}
		d := f.Date(low, high)
		if d.Before(low) || !d.Before(high) || d.Location() != time.UTC || d.Nanosecond() != 0 {
			t.Errorf("Date = %s", d)
		}
		if n := f.Rand().IntN(4); n < 0 || n > 3 {
			t.Errorf("Rand().IntN(4) = %d", n)
		}
	}
	for n := -3; n <= 3; n++ {
		if seen[n] < 200 || len(seen) != 7 { // of 286 on average
			t.Errorf("Int(-3, 3) = %v", seen)
		}
	}
	if picked["a"] < 900 || picked["b"] < 900 || heads < 900 || heads > 1100 {
		t.Errorf("picked %v, %d of 2000 are true", picked, heads)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for i, n := range faked(5, (*factory.Fake).Number) {
		if n != i+1 {
			t.Errorf("row %d has the number %d", i, n)
		}
	}
}

func TestIntRefusesWhatIsNoRange(t *testing.T) {
	t.Parallel()
	defer func() {
		if p := recover(); p != "factory: Int(2, 1) is no range" {
			t.Errorf("panic %v", p)
		}
	}()
	faked(1, func(f *factory.Fake) int { return f.Int(2, 1) })
}
