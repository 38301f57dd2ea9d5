package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/web"
)

// short cuts soon; patient is for tests of what must not be cut, also on a busy machine.
const (
	short   = 100 * time.Millisecond
	patient = 3 * time.Second
)

// slowServer cuts what takes longer than a time-out, and 500 kB a second.
func slowServer(t *testing.T, timeout time.Duration, h web.Handler) string {
	t.Helper()
	return slowServerAt(t, timeout, 500_000, h)
}

func slowServerAt(t *testing.T, timeout time.Duration, rate int, h web.Handler) string {
	t.Helper()
	r := web.NewRouter()
	r.Post("/", h)
	r.Get("/", h)
	quiet := &web.Errors{Logger: slog.New(slog.DiscardHandler)}
	server := httptest.NewUnstartedServer(web.Chain(quiet.Middleware, web.Recover, web.SlowBodies(timeout, rate), web.SlowAnswers(timeout, rate))(r))
	server.Listener = web.SlowReaders(server.Listener, timeout, rate)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestASlowBodyIsCut(t *testing.T) {
	t.Parallel()
	read := make(chan error, 1)
	address := slowServer(t, short, func(_ http.ResponseWriter, r *http.Request) error {
		_, err := io.ReadAll(r.Body)
		read <- err
		return err
	})
	c := dial(t, address)
	fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
	stop := make(chan struct{})
	go func() { // a byte now and then does not help
		for {
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Millisecond):
				if _, err := c.Write([]byte("x")); err != nil {
					return
				}
			}
		}
	}()
	defer close(stop)
	if err := <-read; err == nil {
		t.Error("all of it was read")
	}
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status %d, want 408", response.StatusCode)
	}
}

func TestASlowBodyThatNobodyReadsHoldsNothing(t *testing.T) {
	t.Parallel()
	address := slowServer(t, short, func(http.ResponseWriter, *http.Request) error { return nil })
	c := dial(t, address)
	fmt.Fprint(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
	if _, err := io.ReadAll(c); err != nil { // until the server closes
		t.Log(err)
	}
}

func TestABodyThatComesQuicklyMayBeLarge(t *testing.T) {
	t.Parallel()
	address := slowServer(t, patient, func(w http.ResponseWriter, r *http.Request) error {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return err
		}
		// The time-out of the body is no time-out of what comes after it.
		select {
		case <-r.Context().Done():
			return r.Context().Err()
		case <-time.After(patient + patient/10):
		}
		return web.Text(w, 200, fmt.Sprint(n))
	})
	response, err := http.Post("http://"+address, "text/plain", strings.NewReader(strings.Repeat("x", 20<<20)))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || string(body) != fmt.Sprint(20<<20) {
		t.Errorf("%s %q %v", response.Status, body, err)
	}
}

func TestAClientThatTakesNothingIsCut(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	address := slowServer(t, short, func(w http.ResponseWriter, _ *http.Request) error {
		text := strings.Repeat("x", 1<<20)
		for {
			if _, err := io.WriteString(w, text); err != nil {
				written <- err
				return nil
			}
		}
	})
	c := dial(t, address)
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-written; err == nil {
		t.Error("no error")
	}
}

// However much a handler writes at once, a client that takes nothing has the time of a
// small piece: by the whole, this one would have a minute.
func TestAClientThatTakesNothingOfALargeAnswerIsCut(t *testing.T) {
	t.Parallel()
	written := make(chan error, 1)
	address := slowServerAt(t, short, 500_000, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, strings.Repeat("x", 32<<20))
		written <- err
		return nil
	})
	c := dial(t, address)
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case err := <-written:
		if err == nil {
			t.Error("no error")
		}
	case <-time.After(30 * time.Second):
		t.Error("it is not cut")
	}
}

// A client that takes a large answer slowly, but quickly enough, gets all of it, though it
// is written at once and many deadlines pass meanwhile.
func TestALargeAnswerMayBeTakenSlowly(t *testing.T) {
	t.Parallel()
	const size = 24 << 20
	address := slowServer(t, time.Second, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, strings.Repeat("x", size))
		return err
	})
	c := dial(t, address)
	fmt.Fprint(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	var taken int64
	for {
		n, err := io.CopyN(io.Discard, c, 128<<10)
		taken += n
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("cut after %d bytes: %v", taken, err)
		}
		time.Sleep(30 * time.Millisecond)
	}
	if taken < size {
		t.Errorf("%d bytes, want all of %d", taken, size)
	}
}

// An answer that takes longer than the time-out is not cut, if it is taken; nor is one
// that waits.
func TestAnAnswerThatTakesLongIsNotCut(t *testing.T) {
	t.Parallel()
	address := slowServer(t, patient, func(w http.ResponseWriter, r *http.Request) error {
		return web.Stream(w, r, "text/plain", func(w io.Writer) error {
			for range 2 {
				time.Sleep(patient + patient/10)
				if _, err := io.WriteString(w, strings.Repeat("x", 1000)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	for name, set := range map[string]func(*http.Protocols){
		"HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) },
		"HTTP/2":   func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := &http.Transport{Protocols: new(http.Protocols)}
			set(transport.Protocols)
			defer transport.CloseIdleConnections()
			response, err := (&http.Client{Transport: transport}).Get("http://" + address)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if body, err := io.ReadAll(response.Body); err != nil || len(body) != 2000 {
				t.Errorf("%d bytes, %v", len(body), err)
			}
		})
	}
}
