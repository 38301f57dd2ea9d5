package place_test

import (
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/place"
)

func called() place.Place { return place.Caller() }

func TestPlaces(t *testing.T) {
	t.Parallel()
	var none func()
	tests := map[string]struct {
		place place.Place
		want  string
	}{
		"the line of a call":     {called(), "place_test.go:19"},
		"the line of a function": {place.Func(called), "place_test.go:10"},
		"a nil function":         {place.Func(none), "an unknown place"},
		"nothing":                {place.Func(nil), "an unknown place"},
		"what is not a function": {place.Func("x"), "an unknown place"},
		"the zero value":         {place.Place{}, "an unknown place"},
	}
	for name, tt := range tests {
		if got := tt.place.String(); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

func TestThePackageOfAPlace(t *testing.T) {
	t.Parallel()
	const own, root = "github.com/kitgo/kit/internal/place_test", "github.com/kitgo/kit/internal"
	at := place.Outside("runtime")
	if !at.In(own) || !at.In(root) || at.In("github.com/kitgo/kit/internal/place") || at.In() || (place.Place{}).In("") {
		t.Errorf("%s is not in %s", at, own)
	}
}
