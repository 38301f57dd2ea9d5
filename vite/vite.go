// Package vite serves what Vite built: the tags of a page's document, and the
// files, with their precompressed variants, out of an [fs.FS].
//
//	//go:embed all:dist
//	var dist embed.FS
//
//	files, err := fs.Sub(dist, "dist")
//	…
//	build, err := vite.New(files)
//	…
//	http.ListenAndServe(":8080", build.Handler(app))
//
// A build has a manifest (build.manifest in vite.config.ts). What Vite built below
// /assets/, under names that hold a hash of the content, is cached by browsers for
// good; other files are asked for again each time, by ETag. So that a page which was
// loaded before a deploy still finds its chunks, a build may hold the assets of former
// ones: .vite/builds.json names them.
package vite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

const manifestPath = ".vite/manifest.json"

// Build is what Vite built. Create it with [New].
type Build struct {
	files   map[string]*file
	chunks  map[string]chunk
	version string
	server  string // of development

	packages []Package // nil when the build has no list of them
}

// chunk is an entry of the manifest (https://vite.dev/guide/backend-integration).
type chunk struct {
	File    string   `json:"file"`
	CSS     []string `json:"css"`
	Assets  []string `json:"assets"`
	Imports []string `json:"imports"`
}

// names returns the files that the chunk was built into.
func (c chunk) names() []string { return slices.Concat([]string{c.File}, c.CSS, c.Assets) }

// New reads the build in fsys. Without a manifest the frontend has not been built
// yet: that is no error, but [Build.Built] is false and there are no tags.
func New(fsys fs.FS) (*Build, error) {
	b := &Build{files: make(map[string]*file)}
	manifest, err := fs.ReadFile(fsys, manifestPath)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the frontend's manifest: %w", err)
	}
	if err := json.Unmarshal(manifest, &b.chunks); err != nil {
		return nil, fmt.Errorf("reading the frontend's manifest %s: %w", manifestPath, err)
	}
	sum := sha256.Sum256(manifest)
	b.version = hex.EncodeToString(sum[:8])
	kept, err := keptFiles(fsys)
	if err != nil {
		return nil, err
	}
	if err := b.collect(fsys, kept); err != nil {
		return nil, fmt.Errorf("reading the frontend's build: %w", err)
	}
	if err := b.readPackages(fsys); err != nil {
		return nil, err
	}
	for _, source := range slices.Sorted(maps.Keys(b.chunks)) {
		for _, name := range b.chunks[source].names() {
			if b.files["/"+name] == nil {
				return nil, fmt.Errorf("the frontend's manifest names %q for %s, but the build has no such file: build it again", name, source)
			}
		}
		for _, name := range b.chunks[source].Imports {
			if _, ok := b.chunks[name]; !ok {
				return nil, fmt.Errorf("the frontend's manifest says that %s imports %s, but has no such entry: build it again", source, name)
			}
		}
	}
	return b, nil
}

// Built reports whether there is a build, or a development server instead.
func (b *Build) Built() bool { return b.version != "" || b.server != "" }

// Version is a hash of the build's manifest, and thereby of the names of all files
// with hashes of their contents; "" if there is no build.
func (b *Build) Version() string { return b.version }

// Tags returns the HTML that loads entry, a source file such as src/app.tsx, in the
// head of a document: its styles, the scripts it imports to be fetched early, and
// itself. It is "" when there is no build, and an error when the build has no such
// entry.
func (b *Build) Tags(entry string) (string, error) {
	switch {
	case b.server != "":
		return b.developmentTags(entry), nil
	case !b.Built():
		return "", nil
	}
	main, ok := b.chunks[entry]
	if !ok {
		return "", fmt.Errorf("the frontend's build has no entry %q", entry)
	}
	styles, imports := b.needs(entry)
	var tags strings.Builder
	writeStyles(&tags, styles)
	writeModules(&tags, imports[1:])
	fmt.Fprintf(&tags, "<script type=\"module\" src=\"/%s\"></script>\n", html.EscapeString(main.File))
	return tags.String(), nil
}
