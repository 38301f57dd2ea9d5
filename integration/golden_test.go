package integration_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// transcript is what commands print, one after the other, as somebody would see it in
// a terminal. It is compared with a golden file.
type transcript struct {
	t    *testing.T
	vars []string // of every command
	// replaced are pairs of what is different each time and what stands for it.
	replaced []string
	text     strings.Builder
}

// volatile is what is different each time.
var volatile = []struct {
	pattern *regexp.Regexp
	by      string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?`), "<time>"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d UTC`), "<time> UTC"},
	{regexp.MustCompile(`\b(duration|waited)=[\d.]+[µm]?s`), "$1=<duration>"},
	{regexp.MustCompile(`(<time>  )(<1ms|\d+(ms|s)|\d+\.\d+s)`), "$1<duration>"},
	{regexp.MustCompile(`"duration_ms": \d+`), `"duration_ms": <duration>`},
	{regexp.MustCompile(`(Seeded \w+) \([\d.]+[µm]?s\)`), "$1 (<duration>)"},
	{regexp.MustCompile(`[^"( ]+, process \d+, version [^") ]+`), "<process>"},
}

// title separates groups of commands.
func (tr *transcript) title(text string) { fmt.Fprintf(&tr.text, "### %s\n\n", text) }

// run runs the fixture with variables besides those of the transcript. Arguments that
// have a = before the command are such variables, as in a shell.
func (tr *transcript) run(words ...string) result {
	tr.t.Helper()
	var vars []string
	args := words
	for len(args) > 0 && strings.Contains(args[0], "=") {
		vars, args = append(vars, args[0]), args[1:]
	}
	got := run(tr.t, fixture(tr.t), append(append([]string{}, tr.vars...), vars...), args...)
	fmt.Fprintf(&tr.text, "$ %s\n", strings.Join(append(append(vars, "fixture"), args...), " "))
	tr.text.WriteString(got.stdout)
	for line := range strings.Lines(got.stderr) {
		fmt.Fprintf(&tr.text, "2> %s", line)
	}
	if got.code != 0 {
		fmt.Fprintf(&tr.text, "exit %d\n", got.code)
	}
	tr.text.WriteString("\n")
	return got
}

// equals compares the transcript with a golden file.
func (tr *transcript) equals(name string) {
	tr.t.Helper()
	text := strings.NewReplacer(tr.replaced...).Replace(tr.text.String())
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.by)
	}
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tr.t.Fatal(err)
		}
		return
	}
	golden, err := os.ReadFile(path)
	if err != nil {
		tr.t.Fatal(err)
	}
	if text == string(golden) {
		return
	}
	was, is := strings.Split(string(golden), "\n"), strings.Split(text, "\n")
	for i := range max(len(was), len(is)) {
		switch {
		case i >= len(was):
			tr.t.Errorf("%s ends before line %d: %s", path, i+1, is[i])
		case i >= len(is):
			tr.t.Errorf("%s:%d: missing: %s", path, i+1, was[i])
		case was[i] != is[i]:
			tr.t.Errorf("%s:%d:\nwant %s\ngot  %s", path, i+1, was[i], is[i])
		default:
			continue
		}
		break
	}
	tr.t.Logf("after a look at all of it: go test ./integration -run '%s' -update\n%s", tr.t.Name(), text)
}
