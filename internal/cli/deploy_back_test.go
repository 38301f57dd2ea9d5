package cli

import "testing"

func TestTheReleaseToGoBackTo(t *testing.T) {
	t.Parallel()
	releases := []string{"20260101-000000", "20260102-000000-abc1234", "20260103-000000"}
	for _, tt := range []struct{ current, wanted, want string }{
		{releases[2], previousRelease, releases[1]},
		{releases[1], previousRelease, releases[0]},
		{releases[0], previousRelease, ""},
		{releases[0], releases[2], releases[2]}, // forwards again
		{releases[2], releases[2], ""},
		{releases[2], "20250101-000000", ""},
		{"", previousRelease, ""},
		{"by-hand", previousRelease, ""},
	} {
		got, err := earlier(releases, tt.current, tt.wanted)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("from %q to %q: %q, %v", tt.current, tt.wanted, got, err)
		}
	}
}

func TestTheDocumentIsFoundBehindTheLog(t *testing.T) {
	t.Parallel()
	var got struct{ Checks []string }
	if !document("{\"level\":\"WARN\"}\n{\n\"checks\": [\"a\"]\n}\nerror: x\n", "checks", &got) || len(got.Checks) != 1 {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "error: x", "{\"level\":\"WARN\"}", "{\"checks\":"} {
		if document(text, "checks", &got) {
			t.Errorf("there is a document in %q", text)
		}
	}
}
