package vite

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Handler serves the files of the build for GET and HEAD requests and leaves all
// other requests to next. A file that the build does not have below /assets/ is a
// 404 that is not cached: it belongs to another release.
func (b *Build) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		f := b.files[r.URL.Path]
		switch {
		case f != nil:
			f.ServeHTTP(w, r)
		case b.version != "" && strings.HasPrefix(r.URL.Path, "/assets/"):
			w.Header().Set("Cache-Control", "no-store")
			http.Error(w, http.StatusText(http.StatusNotFound), http.StatusNotFound)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ServeHTTP answers with the best variant that the client accepts.
func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := f.choose(strings.Join(r.Header.Values("Accept-Encoding"), ","))
	c, err := v.load()
	if err != nil {
		fail(w, r, err)
		return
	}
	var body io.ReadSeeker = bytes.NewReader(c.data)
	if c.data == nil {
		file, err := v.open()
		if err != nil {
			fail(w, r, err)
			return
		}
		defer file.Close()
		body = file
	}
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", c.etag)
	h.Set("Cache-Control", "no-cache")
	if f.hashed {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if len(f.variants) > 1 {
		h.Add("Vary", "Accept-Encoding")
	}
	if v.encoding != "" {
		h.Set("Content-Encoding", v.encoding)
		if strings.Contains(r.Header.Get("Range"), ",") {
			// Several ranges come as a multipart body, which is not what was encoded; a
			// server may send the whole instead (RFC 9110, section 14.2). One range is a
			// part of the encoded bytes, which continue what the client has of them.
			r = r.Clone(r.Context())
			r.Header.Del("Range")
		}
		// ServeContent leaves the length of encoded content to its caller. A 412, the
		// answer to an If-Match that fails, would keep it and has no body.
		size, err := body.Seek(0, io.SeekEnd)
		if err != nil {
			fail(w, r, err)
			return
		}
		if r.Header.Get("If-Match") == "" {
			h.Set("Content-Length", strconv.FormatInt(size, 10))
		}
	}
	http.ServeContent(whole{w}, r, "", time.Time{}, body)
}

// whole writes what is in memory in one go. http.ServeContent hands it over as a part of
// what can be read, of which io.Copy would allocate and write 32 KB at a time.
type whole struct{ http.ResponseWriter }

func (w whole) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ReadFrom copies r.
func (w whole) ReadFrom(r io.Reader) (int64, error) {
	if part, ok := r.(*io.LimitedReader); ok {
		if memory, ok := part.R.(*bytes.Reader); ok && part.N == int64(memory.Len()) {
			return memory.WriteTo(w.ResponseWriter)
		}
	}
	return io.Copy(w.ResponseWriter, r)
}

// fail answers 500: the files are a part of the program, so a file that cannot be
// read is its fault.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.ErrorContext(r.Context(), "serving a file of the frontend failed", "error", err, "path", r.URL.Path)
	h := w.Header()
	for _, name := range []string{"Content-Encoding", "ETag"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// choose returns the variant with the highest quality value of those that accept,
// an Accept-Encoding header, names; of equals the first, which is the smallest. The
// file as it is stands in where nothing else is allowed (RFC 9110, section 12.5.3).
func (f *file) choose(accept string) *variant {
	best, bestQ := f.variants[len(f.variants)-1], 0.0
	for _, v := range f.variants {
		encoding := v.encoding
		if encoding == "" {
			encoding = "identity"
		}
		if q := quality(accept, encoding); q > bestQ {
			best, bestQ = v, q
		}
	}
	return best
}

// quality returns what accept says of encoding, 0 if it does not allow it.
func quality(accept, encoding string) float64 {
	star := 0.0
	for item := range strings.SplitSeq(accept, ",") {
		name, params, _ := strings.Cut(item, ";")
		q := 1.0
		if _, value, ok := strings.Cut(params, "="); ok {
			parsed, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case encoding:
			return q
		case "*":
			star = q
		}
	}
	return star
}
