package kit

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/web"
)

// A client that sends its header a byte at a time holds a connection for 10 seconds.
func TestSlowHeadersAreCut(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	c, err := net.Dial("tcp", v.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\nX: "); err != nil {
		t.Fatal(err)
	}
	if answer, _ := io.ReadAll(c); bytes.Contains(answer, []byte("200 OK")) {
		t.Errorf("it was answered: %s", answer)
	}
}

// A body that is announced and does not come holds a connection no longer than its
// time-out, also where no middleware stands around the answer.
func TestABodyThatNeverComesHoldsNothing(t *testing.T) {
	t.Parallel()
	v := newVictim(t, map[string]string{"APP_HOSTS": "shop.example"}, func(a *App) {
		a.Chain = func(c *Chain) { c.SlowBodies = web.SlowBodies(time.Second, slowRate) }
	})
	tests := map[string]string{
		"a probe":                        "POST /_kit/live HTTP/1.1\r\nHost: x\r\n",
		"a probe that there is not":      "PUT /_kit/nothing HTTP/1.1\r\nHost: x\r\n",
		"another host":                   "POST /write HTTP/1.1\r\nHost: evil.example\r\n",
		"a path that there is not":       "POST /nothing HTTP/1.1\r\nHost: shop.example\r\n",
		"a method that the path has not": "PUT / HTTP/1.1\r\nHost: shop.example\r\n",
		"a handler that reads nothing":   "POST /in HTTP/1.1\r\nHost: shop.example\r\n",
		"chunks":                         "POST /_kit/live HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n",
	}
	for name, head := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := net.Dial("tcp", v.address)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if !strings.Contains(head, "chunked") {
				head += "Content-Length: 1000\r\n"
			}
			if _, err := io.WriteString(c, head+"\r\n"); err != nil {
				t.Fatal(err)
			}
			// Much longer than the time-outs: the machine may be busy.
			if err := c.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("the connection is still open")
			}
		})
	}
}
