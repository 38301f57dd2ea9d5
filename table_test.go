package kit

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"TASK", "EXPRESSION", "ERROR"}, {"digest:send", "0 8 * * 1-5"}, {"é", "", "a long error that nobody wants to read"}}
	tests := map[string]struct {
		width int
		want  []string
	}{
		"as wide as it needs": {0, []string{
			"TASK         EXPRESSION   ERROR",
			"digest:send  0 8 * * 1-5",
			"é                         a long error that nobody wants to read",
		}},
		"a terminal": {45, []string{
			"TASK         EXPRESSION   ERROR",
			"digest:send  0 8 * * 1-5",
			"é                         a long error that …",
		}},
		"a narrow one": {32, []string{
			"TASK       EXPRESSI…  ERROR",
			"digest:s…  0 8 * * …",
			"é                     a long er…",
		}},
		"too narrow": {10, []string{
			"TASK      EXPRESS…  ERROR",
			"digest:…  0 8 * *…",
			"é                   a long …",
		}},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, columns(rows, tt.width)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
