package nearest_test

import (
	"testing"

	"github.com/kitgo/kit/internal/nearest"
)

func TestName(t *testing.T) {
	t.Parallel()
	candidates := []string{"migrate", "migrate:status", "schedule:work", "serve"}
	tests := map[string]string{
		"migrat": "migrate", "migratestatus": "migrate:status", "schedule:wrok": "schedule:work",
		"srve": "serve", "SERVE": "serve", "s": "", "": "", "deploy": "",
	}
	for name, want := range tests {
		if got := nearest.Name(name, candidates); got != want {
			t.Errorf("Name(%q) = %q, want %q", name, got, want)
		}
	}
}
