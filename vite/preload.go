package vite

import (
	"fmt"
	"html"
	"maps"
	"path"
	"slices"
	"strings"
)

// needs returns the styles and the scripts that must be there before source runs, its
// own script first.
func (b *Build) needs(source string) (styles, scripts []string) {
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		c := b.chunks[name]
		scripts = append(scripts, c.File)
		for _, i := range c.Imports {
			visit(i)
		}
		for _, css := range c.CSS {
			if !slices.Contains(styles, css) {
				styles = append(styles, css)
			}
		}
	}
	visit(source)
	return styles, scripts
}

// Preload returns the HTML that makes a browser fetch source, a file that entry imports
// when it needs it, such as a page, together with entry: behind [Build.Tags] in the head
// of a document. It leaves out what the tags of entry have. It is "" if the build has no
// chunk of its own for source.
func (b *Build) Preload(entry, source string) string {
	if c, ok := b.chunks[source]; !ok || !strings.HasSuffix(c.File, ".js") {
		return ""
	}
	haveStyles, haveScripts := b.needs(entry)
	styles, scripts := b.needs(source)
	var tags strings.Builder
	writeStyles(&tags, without(styles, haveStyles))
	writeModules(&tags, without(scripts, haveScripts))
	return tags.String()
}

// PreloadAsset returns the HTML that makes a browser fetch a file early that it would
// find late, such as a font that a style names: source is the file as the manifest has
// it, src/fonts/Inter.woff2. It is an error if the build has no such file, or a browser
// would have no use for it.
func (b *Build) PreloadAsset(source string) (string, error) {
	if b.version == "" {
		return "", nil
	}
	c, ok := b.chunks[source]
	if !ok {
		return "", fmt.Errorf("the frontend's build has no file %q to be loaded early", source)
	}
	var kind, attributes string
	switch contentType := contentType(c.File); {
	case strings.HasPrefix(contentType, "font/"):
		// Fonts are fetched in CORS mode, from the own site too.
		kind, attributes = "font", ` type="`+contentType+`" crossorigin`
	case strings.HasPrefix(contentType, "image/"):
		kind = "image"
	default:
		return "", fmt.Errorf("%q cannot be loaded early: it is neither a font nor an image", source)
	}
	return fmt.Sprintf("<link rel=\"preload\" href=\"/%s\" as=\"%s\"%s>\n", html.EscapeString(c.File), kind, attributes), nil
}

// Sources returns the source files below dir that have a chunk of their own, by their
// path in dir without extension: Posts/Show for src/pages/Posts/Show.tsx.
func (b *Build) Sources(dir string) map[string]string {
	list := map[string]string{}
	for _, source := range slices.Sorted(maps.Keys(b.chunks)) {
		name, ok := strings.CutPrefix(source, strings.TrimSuffix(dir, "/")+"/")
		if !ok || !strings.HasSuffix(b.chunks[source].File, ".js") {
			continue
		}
		switch ext := path.Ext(name); ext {
		case ".tsx", ".jsx", ".ts", ".js":
			list[strings.TrimSuffix(name, ext)] = source
		}
	}
	return list
}

// without returns the items of list that have lacks.
func without(list, have []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(have, name) })
}

func writeStyles(to *strings.Builder, files []string) {
	for _, name := range files {
		fmt.Fprintf(to, "<link rel=\"stylesheet\" href=\"/%s\">\n", html.EscapeString(name))
	}
}

func writeModules(to *strings.Builder, files []string) {
	for _, name := range files {
		fmt.Fprintf(to, "<link rel=\"modulepreload\" href=\"/%s\">\n", html.EscapeString(name))
	}
}
