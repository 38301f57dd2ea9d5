package validate

import "testing"

func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"title": "title", "Title": "title", "first_name": "first name", "unitPrice": "unit price", "APIKey": "API key", "userID": "user ID",
		"ID": "ID", "line-2": "line 2", "a": "a", "A": "a", "HTMLPage2": "HTML page2", "": "",
	} {
		if got := words(name); got != want {
			t.Errorf("words(%q) = %q, want %q", name, got, want)
		}
	}
}
