package web

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// smallest is the size in bytes from which on compressing is worth its while.
const smallest = 1024

// gzipLevel is a fourth of the time of the default level, for a tenth more bytes.
const gzipLevel = 3

var gzips = sync.Pool{New: func() any {
	z, _ := gzip.NewWriterLevel(nil, gzipLevel) // the level is a valid one
	return z
}}

// Compress compresses text with gzip: HTML, JSON, CSS, JavaScript, XML, SVG and plain
// text of at least 1 KiB. It leaves alone what is compressed already, parts of files,
// events, what says no-transform in Cache-Control, and answers to requests that another
// site made a browser send with its cookies: there, the length of a compressed answer
// could tell the other site what is in it (the BREACH attack).
func Compress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &compressed{ResponseWriter: w, request: r, refuses: !takesGzip(r.Header["Accept-Encoding"]) || observed(r)}
		next.ServeHTTP(c, r)
		c.end()
	})
}

// takesGzip reports whether the client takes gzip.
func takesGzip(accept []string) bool {
	if len(accept) == 1 && strings.HasPrefix(accept[0], "gzip,") { // what browsers send
		return true
	}
	quality, known := 0.0, false
	for _, line := range accept {
		for item := range strings.SplitSeq(line, ",") {
			coding, parameters, _ := strings.Cut(item, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"):
				quality, known = qualityOf(parameters), true
			case coding == "*" && !known:
				quality = qualityOf(parameters)
			}
		}
	}
	return quality > 0
}

// observed reports whether another site may have made the browser send the request, with
// its cookies: that site may have chosen a part of the answer, and may see its length.
func observed(r *http.Request) bool {
	if len(r.Header["Cookie"]) == 0 && len(r.Header["Authorization"]) == 0 {
		return false
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return false
	case "":
		referer := r.Header.Get("Referer")
		from, err := url.Parse(referer)
		return referer != "" && (err != nil || from.Host != r.Host)
	default:
		return true
	}
}

// compressed holds back the beginning of an answer until it knows whether to compress.
type compressed struct {
	http.ResponseWriter
	request *http.Request
	refuses bool // the client, or the request
	status  int
	held    []byte
	decided bool
	gzip    *gzip.Writer // nil if the answer is not compressed, or has no body to HEAD
	empty   bool         // to HEAD, what is written goes nowhere
	missing int64        // how much of the length that the handler has announced is not written
}

func (c *compressed) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func (c *compressed) WriteHeader(status int) {
	if status < 200 && status != http.StatusSwitchingProtocols {
		c.ResponseWriter.WriteHeader(status)
		return
	}
	if c.status != 0 {
		return
	}
	c.status = status
	switch {
	case !c.mayCompress():
		_ = c.decide(false)
	case c.request.Method == http.MethodHead && len(c.Header()["Content-Length"]) == 1:
		_ = c.decide(true) // no body may come that would decide it
	}
}

func (c *compressed) Write(b []byte) (int, error) {
	if c.status == 0 {
		if len(c.Header()["Content-Type"]) == 0 {
			c.Header().Set("Content-Type", http.DetectContentType(b))
		}
		c.WriteHeader(http.StatusOK)
	}
	if c.decided {
		return c.pass(b)
	}
	if len(c.held)+len(b) < smallest {
		c.held = append(c.held, b...)
		return len(b), nil
	}
	if err := c.decide(true); err != nil {
		return 0, err
	}
	return c.pass(b)
}

func (c *compressed) pass(b []byte) (int, error) {
	switch {
	case c.gzip != nil:
		c.missing -= int64(len(b))
		return c.gzip.Write(b)
	case c.empty:
		return len(b), nil
	}
	return c.ResponseWriter.Write(b)
}

// mayCompress looks at the headers. All answers that another Accept-Encoding could have
// changed say so in Vary: also 304 and 206, as the 200 would (RFC 9110, sections 15.4.5
// and 15.3.7), though they do not tell its type.
func (c *compressed) mayCompress() bool {
	h := c.Header()
	switch media := h.Get("Content-Type"); {
	case len(h["Content-Encoding"]) > 0:
		return false
	case c.status == http.StatusNotModified:
		addVary(h, "Accept-Encoding")
		if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) && strings.Contains(c.request.Header.Get("If-None-Match"), "W/"+tag) {
			h.Set("ETag", "W/"+tag) // what the client has is compressed
		}
		return false
	case !allowsBody(c.status), !compressible(media) && !strings.HasPrefix(media, "multipart/byteranges"):
		return false
	}
	addVary(h, "Accept-Encoding") // also of the answer that is not compressed
	return !c.refuses && c.status != http.StatusPartialContent && !announcedSmall(h) && !strings.Contains(h.Get("Cache-Control"), "no-transform")
}

// announcedSmall reports whether the answer says that it is too small, so that nothing
// has to be held back to find that out.
func announcedSmall(h http.Header) bool {
	length := h["Content-Length"]
	if len(length) != 1 {
		return false
	}
	n, err := strconv.Atoi(length[0])
	return err == nil && n < smallest
}

// compressible reports whether a media type is text, whose stream nobody waits for.
func compressible(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	media = strings.TrimSpace(media)
	switch {
	case media == "text/event-stream":
		return false
	case strings.HasPrefix(media, "text/"), strings.HasSuffix(media, "json"), strings.HasSuffix(media, "xml"):
		return true
	}
	return media == "application/javascript" || media == "application/wasm"
}

// decide begins the answer, with what was held back.
func (c *compressed) decide(compress bool) error {
	c.decided = true
	if compress {
		h := c.Header()
		c.missing, _ = strconv.ParseInt(h.Get("Content-Length"), 10, 64)
		h.Del("Content-Length")
		h.Del("Accept-Ranges")
		h["Content-Encoding"] = []string{"gzip"}
		if tag := h.Get("ETag"); strings.HasPrefix(tag, `"`) {
			h.Set("ETag", "W/"+tag) // the bytes are others
		}
		if c.empty = c.request.Method == http.MethodHead; !c.empty {
			c.gzip = gzips.Get().(*gzip.Writer)
			c.gzip.Reset(c.ResponseWriter)
		}
	}
	c.ResponseWriter.WriteHeader(c.status)
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.pass(c.held)
	return err
}

// FlushError sends what was written so far.
func (c *compressed) FlushError() error {
	if c.status == 0 {
		c.WriteHeader(http.StatusOK)
	}
	if !c.decided {
		if err := c.decide(true); err != nil {
			return err
		}
	}
	if c.gzip != nil {
		if err := c.gzip.Flush(); err != nil {
			return err
		}
	}
	return http.NewResponseController(c.ResponseWriter).Flush()
}

// Flush sends what was written so far.
func (c *compressed) Flush() { _ = c.FlushError() }

// Hijack hands the connection over.
func (c *compressed) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(c.ResponseWriter).Hijack()
}

// end sends the rest. It is not called when the handler panics: the answer is then not
// whole. Nor is one that is shorter than it has announced, such as of a file that could
// not be read to its end, which a client would see by its length.
func (c *compressed) end() {
	if c.status != 0 && !c.decided {
		_ = c.decide(false)
	}
	if c.gzip == nil {
		return
	}
	whole := c.missing <= 0
	if whole {
		_ = c.gzip.Close()
	}
	c.gzip.Reset(nil)
	gzips.Put(c.gzip)
	c.gzip = nil
	if !whole {
		panic(http.ErrAbortHandler)
	}
}
