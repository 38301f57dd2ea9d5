package vite

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
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

// variant is a file in one encoding. Content and ETag are read at first need, so
// that a start does not pay for a large build.
type variant struct {
	encoding string // "br", "gzip" or "" for none
	load     func() (content []byte, etag string, err error)
}

// suffixes of the precompressed files, best first.
var suffixes = []struct{ suffix, encoding string }{{".br", "br"}, {".gz", "gzip"}, {"", ""}}

// collect finds the files that are served: none that are hidden, and the
// precompressed ones only as variants of the file beside them.
func (b *Build) collect(fsys fs.FS) error {
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
		f := &file{path: "/" + name, contentType: contentType(name), hashed: strings.HasPrefix(name, "assets/")}
		for _, s := range suffixes {
			if names[name+s.suffix] {
				f.variants = append(f.variants, &variant{s.encoding, lazily(fsys, name+s.suffix)})
			}
		}
		b.files[f.path] = f
	}
	return nil
}

func lazily(fsys fs.FS, name string) func() ([]byte, string, error) {
	var once sync.Once
	var content []byte
	var etag string
	var err error
	return func() ([]byte, string, error) {
		once.Do(func() {
			if content, err = fs.ReadFile(fsys, name); err == nil {
				sum := sha256.Sum256(content)
				etag = `"` + hex.EncodeToString(sum[:12]) + `"`
			}
		})
		return content, etag, err
	}
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
