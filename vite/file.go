package vite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"sync"
)

// file is one file of the build, as a browser may ask for it.
type file struct {
	path        string // "/assets/app-B3x8.js"
	contentType string
	hashed      bool // the name holds a hash of the content
	variants    []*variant
}

// variant is a file in one encoding. It is read at first need, so that a start does not
// pay for a large build.
type variant struct {
	encoding string // "br", "gzip" or "" for none
	open     func() (io.ReadSeekCloser, error)
	load     func() (content, error)
}

// content is what is known of a variant once it was read.
type content struct {
	etag string
	data []byte // nil if it is too large to be kept
}

// largestKept is the size up to which what was asked for stays in memory, from where it is
// written in one go: reading it from an [embed.FS] would copy it in pieces each time.
const largestKept = 4 << 20

func newVariant(fsys fs.FS, name, encoding string) *variant {
	v := &variant{encoding: encoding, open: func() (io.ReadSeekCloser, error) { return open(fsys, name) }}
	v.load = sync.OnceValues(func() (c content, err error) {
		f, err := v.open()
		if err != nil {
			return c, err
		}
		defer f.Close()
		hash := sha256.New()
		size, err := f.Seek(0, io.SeekEnd)
		if err == nil {
			_, err = f.Seek(0, io.SeekStart)
		}
		if err == nil && size <= largestKept {
			c.data = make([]byte, size)
			if _, err = io.ReadFull(f, c.data); err == nil {
				hash.Write(c.data)
			}
		} else if err == nil {
			_, err = io.Copy(hash, f)
		}
		if err != nil {
			return c, fmt.Errorf("reading %s of the frontend's build: %w", name, err)
		}
		c.etag = `"` + hex.EncodeToString(hash.Sum(nil)[:12]) + `"`
		return c, nil
	})
	return v
}

// open opens a file for reading in any order, as the files of [embed.FS] and
// [os.DirFS] can be.
func open(fsys fs.FS, name string) (io.ReadSeekCloser, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening a file of the frontend's build: %w", err)
	}
	seeker, ok := f.(io.ReadSeekCloser)
	if !ok {
		f.Close()
		return nil, fmt.Errorf("opening %s of the frontend's build: %T cannot seek", name, f)
	}
	return seeker, nil
}

// suffixes of the precompressed files, best first.
var suffixes = []struct{ suffix, encoding string }{{".br", "br"}, {".gz", "gzip"}, {"", ""}}

// hashedName is a name as Vite gives it to what it builds: [name]-[hash].ext.
var hashedName = regexp.MustCompile(`[-.][A-Za-z0-9_-]{8,}\.\w+$`)

// hashed reports whether a file may be cached for good. Its name alone does not
// tell: public/assets/user-settings.json is copied as it is. So the manifest, which
// has only what Vite built, or the list of former builds must name it too, or name what
// it is the map of.
func hashed(name string, built map[string]bool) bool {
	name = strings.TrimSuffix(name, ".map")
	return built[name] && strings.HasPrefix(name, "assets/") && hashedName.MatchString(name)
}

// collect finds the files that are served: none that are hidden, and the
// precompressed ones only as variants of the file beside them.
func (b *Build) collect(fsys fs.FS, kept []string) error {
	built := make(map[string]bool)
	for _, name := range kept {
		built[name] = true
	}
	for _, c := range b.chunks {
		for _, name := range c.names() {
			built[name] = true
		}
	}
	names := make(map[string]bool)
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir():
			names[name] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	for name := range names {
		if ext := path.Ext(name); (ext == ".br" || ext == ".gz") && names[strings.TrimSuffix(name, ext)] {
			continue
		}
		f := &file{path: "/" + name, contentType: contentType(name), hashed: hashed(name, built)}
		for _, s := range suffixes {
			if names[name+s.suffix] {
				f.variants = append(f.variants, newVariant(fsys, name+s.suffix, s.encoding))
			}
		}
		b.files[f.path] = f
	}
	return nil
}

// contentType knows the types of web files by itself: a minimal image has no
// /etc/mime.types.
func contentType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".html":
		return "text/html; charset=utf-8"
	case ".txt":
		return "text/plain; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".webmanifest":
		return "application/manifest+json"
	case ".xml":
		return "application/xml"
	case ".svg":
		return "image/svg+xml"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	case ".ico":
		return "image/x-icon"
	case ".woff":
		return "font/woff"
	case ".woff2":
		return "font/woff2"
	case ".ttf":
		return "font/ttf"
	case ".otf":
		return "font/otf"
	case ".wasm":
		return "application/wasm"
	case ".pdf":
		return "application/pdf"
	case ".mp4":
		return "video/mp4"
	case ".webm":
		return "video/webm"
	case ".mp3":
		return "audio/mpeg"
	default:
		return "application/octet-stream"
	}
}
