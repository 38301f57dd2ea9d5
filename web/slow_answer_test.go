package web_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/web"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// An HTTP/2 client that opens no window takes nothing, and yet nothing is written to its
// connection that could take too long.
func TestAStreamWithoutAWindowIsEnded(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"a large answer": strings.Repeat("x", 1<<20), "what is sent after the handler": "x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			written := make(chan error, 1)
			address := slowServerAt(t, short, 10_000, func(w http.ResponseWriter, _ *http.Request) error { // the whole would have 100 s
				_, err := io.WriteString(w, text)
				written <- err
				return nil
			})
			c := dial(t, address)
			if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
				t.Fatal(err)
			}
			f := http2.NewFramer(c, c)
			if err := f.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}); err != nil {
				t.Fatal(err)
			}
			var header bytes.Buffer
			encoder := hpack.NewEncoder(&header)
			for _, field := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "x"}, {":path", "/"}} {
				if err := encoder.WriteField(hpack.HeaderField{Name: field[0], Value: field[1]}); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: header.Bytes(), EndStream: true, EndHeaders: true}); err != nil {
				t.Fatal(err)
			}
			for {
				frame, err := f.ReadFrame()
				if err != nil {
					t.Fatalf("the stream was not reset: %v", err)
				}
				if reset, ok := frame.(*http2.RSTStreamFrame); ok && reset.StreamID == 1 {
					break
				}
			}
			if err := <-written; err == nil && len(text) > 1 {
				t.Error("the handler was not told")
			}
		})
	}
}

// What the handler calls on an answer over HTTP/2 is what it gets.
func TestAnAnswerOverHTTP2(t *testing.T) {
	t.Parallel()
	address := slowServer(t, patient, func(w http.ResponseWriter, r *http.Request) error {
		control := http.NewResponseController(w)
		if err := control.Flush(); err != nil {
			t.Error(err)
		}
		if _, _, err := control.Hijack(); err == nil {
			t.Error("a stream is no connection")
		}
		return web.Text(w, 200, r.Proto)
	})
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "HTTP/2.0" {
		t.Errorf("%q, %v", body, err)
	}
}
