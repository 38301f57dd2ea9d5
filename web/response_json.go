package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
)

// buffers are reused from request to request, unless they have grown large.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// largestBuffer is the capacity in bytes above which a buffer is not kept.
const largestBuffer = 64 << 10

func keepBuffer(b *bytes.Buffer) {
	if b.Cap() <= largestBuffer {
		b.Reset()
		buffers.Put(b)
	}
}

// JSON answers with v. An error of encoding comes before anything is written.
func JSON(w http.ResponseWriter, status int, v any) error {
	return writeJSON(w, status, asJSON, v)
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) error {
	buffer := buffers.Get().(*bytes.Buffer)
	defer keepBuffer(buffer)
	if err := json.NewEncoder(buffer).Encode(v); err != nil {
		return fmt.Errorf("encoding the JSON answer: %w", err)
	}
	return write(w, status, contentType, buffer.Bytes())
}

// Text answers with plain text.
func Text(w http.ResponseWriter, status int, text string) error {
	return write(w, status, "text/plain; charset=utf-8", []byte(text))
}

// HTML answers with an HTML document. What comes from outside must have been escaped:
// html.EscapeString.
func HTML(w http.ResponseWriter, status int, document string) error {
	return write(w, status, "text/html; charset=utf-8", []byte(document))
}

func write(w http.ResponseWriter, status int, contentType string, body []byte) error {
	h := w.Header()
	h["Content-Type"] = []string{contentType}
	if allowsBody(status) {
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// allowsBody reports whether an answer with a status may have a body.
func allowsBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}
