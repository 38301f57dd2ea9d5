package kit_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// code is what a page shows of other languages: a block, or words between backquotes.
	code = regexp.MustCompile("(?ms)^ *```.*?^ *```$|`[^`\n]+`")
)

// pages returns the Markdown files that readers see, by their paths.
func pages(t *testing.T) map[string]string {
	t.Helper()
	list := map[string]string{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); file != "." && (strings.HasPrefix(name, ".") || name == "testdata" || name == "tmp" || name == "bin" || name == "node_modules" || name == "templates") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) == ".md" {
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			list[filepath.ToSlash(file)] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// anchors returns what the headings of a page are called in links, as GitHub makes them.
func anchors(text string) map[string]bool {
	set := map[string]bool{}
	blocks := code.ReplaceAllStringFunc(text, func(s string) string {
		if strings.Contains(s, "\n") {
			return ""
		}
		return s
	})
	for line := range strings.Lines(blocks) {
		title, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
		if !isHeading || !strings.HasPrefix(line, "#") {
			continue
		}
		name := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case r == '-', r == '_', r >= '0' && r <= '9', r >= 'a' && r <= 'z', r > 127:
				return r
			}
			return -1
		}, strings.ToLower(strings.TrimSpace(title)))
		set[name] = true
	}
	return set
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for page, text := range all {
		for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(text, ""), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // another site
			}
			file := page
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(page), target))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: the link %s leads nowhere", page, m[1])
			} else if anchor != "" && !anchors(all[file])[anchor] {
				t.Errorf("%s: the link %s: %s has no such heading", page, m[1], file)
			}
		}
	}
}

// A page that no list names is not found.
func TestEveryPageIsListed(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for page := range all {
		folder, name := filepath.Split(page)
		if folder == "" || name == "README.md" {
			continue
		}
		index := map[string]string{"docs/": "docs/README.md", "docs/deploy/": "docs/README.md", "docs/adr/": "docs/adr/README.md"}[folder]
		if index == "" {
			continue
		}
		if relative, _ := filepath.Rel(filepath.Dir(index), page); !strings.Contains(all[index], "("+filepath.ToSlash(relative)+")") {
			t.Errorf("%s does not list %s", index, page)
		}
	}
}

// The architecture's page shows the policy that is checked, and says of each package
// what it is.
func TestTheArchitecturePageShowsThePolicy(t *testing.T) {
	t.Parallel()
	var want strings.Builder
	for line := range strings.Lines(strings.TrimPrefix(layers, "\n")) {
		want.WriteString(strings.TrimLeft(line, "\t"))
	}
	text := pages(t)["docs/architecture.md"]
	if !strings.Contains(text, "```\n"+want.String()+"```\n") {
		t.Errorf("docs/architecture.md does not show the layers of arch_test.go:\n%s", want.String())
	}
	for _, name := range slices.Concat(strings.Fields(layers), slices.Collect(maps.Keys(tools))) {
		if name != "kit" && !strings.Contains(text, path.Base(name)+"/") {
			t.Errorf("docs/architecture.md does not name %s", name)
		}
	}
}
