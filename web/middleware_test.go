package web_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kitgo/kit/web"
)

func handler(f func(w http.ResponseWriter, r *http.Request)) http.Handler { return http.HandlerFunc(f) }

func TestRecover(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		handler http.Handler
		status  int // 0: the connection is cut
	}{
		"a panic is a 500":                    {handler(func(http.ResponseWriter, *http.Request) { panic("secret") }), 500},
		"no panic is no matter":               {handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), 204},
		"a panic after the answer began cuts": {handler(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("half")); panic("secret") }), 0},
		"ErrAbortHandler passes":              {handler(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(web.Recover(tt.handler))
			defer server.Close()
			response, err := http.Get(server.URL)
			if err == nil {
				var body []byte
				if body, err = io.ReadAll(response.Body); strings.Contains(string(body), "secret") {
					t.Errorf("the client is told %q", body)
				}
				response.Body.Close()
			}
			switch {
			case tt.status == 0 && err == nil:
				t.Errorf("the answer was whole: %s", response.Status)
			case tt.status != 0 && (err != nil || response.StatusCode != tt.status):
				t.Errorf("answer %v, error %v, want status %d", response, err, tt.status)
			}
		})
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&out, nil))
	chain := web.Chain(web.RequestID, web.AccessLog(log, nil), web.Recover)
	chain(handler(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write([]byte("hello"))
	})).ServeHTTP(httptest.NewRecorder(), request("POST", "/items?token=secret", "X-Request-ID", "abc-1"))
	var line struct {
		Method, Path string
		Status       int
		Bytes        int
		Duration     *int64
		Client       string
		RequestID    string `json:"request_id"`
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, &out)
	}
	if line.Method != "POST" || line.Path != "/items" || line.Status != 201 || line.Bytes != 5 || line.Duration == nil || line.RequestID != "abc-1" || line.Client != "192.0.2.1" || strings.Contains(out.String(), "secret") {
		t.Errorf("logged %s", &out)
	}
	out.Reset()
	chain(handler(func(http.ResponseWriter, *http.Request) { panic("x") })).ServeHTTP(httptest.NewRecorder(), request("GET", "/"))
	if !strings.Contains(out.String(), `"status":500`) {
		t.Errorf("a panic was logged as %s", &out)
	}
}

func request(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		incoming string
		kept     bool
	}{
		"none comes":        {"", false},
		"a sane one comes":  {"0a1b-2c.3_D", true},
		"one with a space":  {"a b", false},
		"one with newlines": {"a\nb", false},
		"a long one":        {strings.Repeat("a", 65), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/", nil)
			if tt.incoming != "" {
				r.Header["X-Request-Id"] = []string{tt.incoming}
			}
			w := httptest.NewRecorder()
			var seen string
			web.RequestID(handler(func(_ http.ResponseWriter, r *http.Request) { seen = web.RequestIDOf(r.Context()) })).ServeHTTP(w, r)
			if seen == "" || w.Header().Get("X-Request-ID") != seen || (seen == tt.incoming) != tt.kept {
				t.Errorf("id %q, header %q", seen, w.Header().Get("X-Request-ID"))
			}
		})
	}
}

func TestMaxBody(t *testing.T) {
	t.Parallel()
	limited := web.MaxBody(10)(handler(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			if _, ok := errors.AsType[*http.MaxBytesError](err); !ok {
				t.Errorf("error %v", err)
			}
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
	}))
	for body, want := range map[string]int{"0123456789": 200, "0123456789x": 413} {
		announced := httptest.NewRequest("POST", "/", strings.NewReader(body))
		streamed := httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader(body)))
		for _, r := range []*http.Request{announced, streamed} {
			w := httptest.NewRecorder()
			limited.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%d bytes, announced %d: %d, want %d", len(body), r.ContentLength, w.Code, want)
			}
		}
	}
}

func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request *http.Request
		status  int
	}{
		"a read from another site":    {request("GET", "/", "Sec-Fetch-Site", "cross-site"), 200},
		"a write from another site":   {request("POST", "/", "Sec-Fetch-Site", "cross-site"), 403},
		"a write from this site":      {request("POST", "/", "Sec-Fetch-Site", "same-origin"), 200},
		"a write without a browser":   {request("POST", "/"), 200},
		"a write of an older browser": {request("POST", "/", "Origin", "https://evil.example"), 403},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			web.CrossOrigin()(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })).ServeHTTP(w, tt.request)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
		})
	}
}

func TestAnAnswerThatHasBegunIsNotChanged(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Get("/", func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = w.Write([]byte("half"))
		return errors.New("too late")
	})
	server := httptest.NewServer(web.Recover(r))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil { // nothing has come
		return
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err == nil || response.StatusCode != 200 || !strings.HasPrefix("half", string(body)) {
		t.Errorf("%d %q, %v: the client takes it for the whole", response.StatusCode, body, err)
	}
}

func TestStreamsReachTheClientThroughTheMiddleware(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	chain := web.Chain(web.RequestID, web.AccessLog(slog.New(slog.DiscardHandler), nil), web.Recover, web.SecureHeaders)
	server := httptest.NewServer(chain(handler(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("first"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-release
	})))
	defer server.Close()
	response, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	part := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, part); err != nil || string(part) != "first" {
		t.Errorf("%q, %v", part, err)
	}
	close(release)
	if response.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers %v", response.Header)
	}
}

func TestTheLogSaysWhatWasCut(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/whole": "status=200", "/none": "status=0 aborted=true", "/half": "status=200 aborted=true"} {
		var log bytes.Buffer
		h := web.AccessLog(slog.New(slog.NewTextHandler(&log, nil)), &web.AccessLogOptions{Sample: 1e-9})(handler(func(w http.ResponseWriter, r *http.Request) {
			if path != "/none" {
				_, _ = io.WriteString(w, "half")
			}
			if path != "/whole" {
				panic(http.ErrAbortHandler)
			}
			time.Sleep(time.Second)
		}))
		synctest.Test(t, func(*testing.T) {
			defer func() { _ = recover() }()
			h.ServeHTTP(httptest.NewRecorder(), request("GET", path))
		})
		line := strings.Join(strings.Fields(log.String()), " ")
		status, aborted, _ := strings.Cut(want, " ")
		if !strings.Contains(line, status+" ") || strings.Contains(line, "aborted=true") != (aborted != "") {
			t.Errorf("%s: %s, want %s", path, line, want)
		}
	}
}
