package web_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/web"
)

func TestRedirectStaysInTheApplication(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // "" is refused
		"/posts":                        "/posts",
		"/posts?next=https://x.example": "/posts?next=https://x.example",
		"?page=2":                       "?page=2",
		"posts":                         "posts",
		"/a#b":                          "/a#b",
		"/a/../b/?c=/../d":              "/b/?c=/../d",
		"/a#/x//y":                      "/a#/x//y",
		"#there":                        "#there",
		"/ü?ü":                          "/%C3%BC?%C3%BC",
		"http:///evil.example":          "",
		"http://example.com/a":          "http://example.com/a",
		"https://example.com/a":         "https://example.com/a",
		"":                              "",
		"https://evil.example/":         "",
		"http://evil.example":           "",
		"//evil.example":                "",
		"///evil.example":               "",
		`/\evil.example`:                "",
		`\\evil.example`:                "",
		`https:\\evil.example`:          "",
		"/\t/evil.example":              "",
		"\t//evil.example":              "",
		" //evil.example":               "",
		"/a\r\nSet-Cookie: x=y":         "",
		"/a\nb":                         "",
		"javascript:alert(1)":           "",
		"JaVaScRiPt://example.com/%0a":  "",
		"data:text/html,x":              "",
		"https:evil.example":            "",
		"http:evil":                     "",
		"https://example.com@evil.tld/": "",
		"https://u:p@example.com/":      "",
		"https://example.com.evil.tld":  "",
		"https://example.com:81/":       "",
		"%zz":                           "",
		"/%0d%0aSet-Cookie:x":           "/%0d%0aSet-Cookie:x",
		"/.//evil.example":              "/evil.example",
	}
	for target, want := range tests {
		w := httptest.NewRecorder()
		err := web.Redirect(w, request("POST", "http://example.com/dir/form"), target)
		got := w.Header().Get("Location")
		if (err == nil) != (want != "") || got != want || err == nil && w.Code != http.StatusSeeOther {
			t.Errorf("%q: %d, Location %q, %v, want %q", target, w.Code, got, err, want)
		}
	}
}

// Whatever is redirected to, a browser that understands it as the URL standard says
// stays at the host.
func FuzzRedirect(f *testing.F) {
	for _, seed := range []string{"/a", "//evil", `/\evil`, "https:evil", "/\x00", "a?b#c", "/..//evil", "http://example.com/x"} {
		f.Add(seed)
	}
	base, _ := url.Parse("http://example.com/dir/form")
	f.Fuzz(func(t *testing.T, target string) {
		w := httptest.NewRecorder()
		if web.Redirect(w, request("GET", base.String()), target) != nil {
			return
		}
		location := w.Header().Get("Location")
		seen := strings.ReplaceAll(strings.TrimLeft(location, " \x00\t\r\n"), `\`, "/")
		if path, _, _ := strings.Cut(location, "?"); strings.Contains(path, `\`) {
			t.Errorf("%q leads to %q, with a slash for browsers", target, location)
		}
		to, err := base.Parse(location)
		if err != nil || to.Host != base.Host || strings.HasPrefix(seen, "//") || strings.ContainsAny(location, "\r\n\t") {
			t.Errorf("%q leads to %q", target, location)
		}
	})
}

func TestRedirectToARoute(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Get("/posts/{id}", ok).Name("posts.show")
	r.Host("{shop}.example.com", func(r *web.Router) { r.Get("/", ok).Name("shop") })
	for name, tt := range map[string]struct {
		params web.Params
		want   string
	}{
		"posts.show": {web.Params{"id": "a/../b", "tab": "x"}, "/posts/a%2F..%2Fb?tab=x"},
		"shop":       {web.Params{"shop": "lamps"}, "//lamps.example.com/"},
		"nothing":    {nil, ""},
	} {
		w := httptest.NewRecorder()
		err := r.Redirect(w, request("POST", "/"), name, tt.params)
		if got := w.Header().Get("Location"); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v, want %q", name, got, err, tt.want)
		}
	}
}

func TestBack(t *testing.T) {
	t.Parallel()
	for referer, want := range map[string]string{
		"":                                "/home",
		"http://example.com/posts?page=2": "/posts?page=2",
		"https://example.com/posts":       "/posts",
		"https://evil.example/posts":      "/home",
		"http://example.com//evil.tld":    "/evil.tld",
		`http://example.com/\evil.tld`:    "/%5Cevil.tld",
		"ftp://example.com/x":             "/home",
		"::":                              "/home",
	} {
		w := httptest.NewRecorder()
		if err := web.Back(w, request("POST", "http://example.com/", "Referer", referer), "/home"); err != nil || w.Header().Get("Location") != want {
			t.Errorf("from %q to %q, want %q: %v", referer, w.Header().Get("Location"), want, err)
		}
	}
}

func TestRedirectAway(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "/posts", "//x.example", "javascript:alert(1)", "https:x", "https://x.example/\r\nA: b", `https://x.example\@y`} {
		if err := web.RedirectAway(httptest.NewRecorder(), request("GET", "/"), address); err == nil {
			t.Errorf("%q is no error", address)
		}
	}
	w := httptest.NewRecorder()
	if err := web.RedirectAway(w, request("GET", "/"), "https://pay.example/1"); err != nil || w.Code != 303 || w.Header().Get("Location") != "https://pay.example/1" {
		t.Errorf("%d %v %v", w.Code, w.Header(), err)
	}
	w = httptest.NewRecorder()
	if err := web.RedirectAway(w, request("GET", "/", "X-Inertia", "true"), "https://pay.example/1"); err != nil || w.Code != 409 || w.Header().Get("X-Inertia-Location") != "https://pay.example/1" {
		t.Errorf("%d %v %v", w.Code, w.Header(), err)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	https := request("GET", "/")
	https.TLS = new(tls.ConnectionState)
	absolute := request("GET", "/")
	absolute.URL.Scheme, absolute.URL.Host = "https", "example.com"
	tests := map[string]struct {
		r      *http.Request
		cookie *http.Cookie
		want   string // "" is refused
	}{
		"safe":                  {request("GET", "/"), web.Cookie("theme", "dark"), "theme=dark; Path=/; HttpOnly; SameSite=Lax"},
		"https":                 {https, web.Cookie("theme", "dark"), "theme=dark; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"for one host":          {https, web.Cookie("__Host-a", "b"), "__Host-a=b; Path=/; HttpOnly; Secure; SameSite=Lax"},
		"the same over http":    {request("GET", "/"), web.Cookie("__HOST-a", "b"), ""},
		"a part of one host":    {https, &http.Cookie{Name: "__Host-a", Path: "/x"}, ""},
		"for all below a host":  {https, &http.Cookie{Name: "__Host-a", Path: "/", Domain: "example.com"}, ""},
		"a promise over http":   {request("GET", "/"), web.Cookie("__Secure-a", "b"), ""},
		"of all sites":          {request("GET", "/"), &http.Cookie{Name: "a", Path: "/", SameSite: http.SameSiteNoneMode}, ""},
		"https says the client": {absolute, web.Cookie("a", "b"), "a=b; Path=/; HttpOnly; SameSite=Lax"},
		"a header in a value":   {request("GET", "/"), web.Cookie("a", "b\r\nX: y"), ""},
		"a cookie in a value":   {request("GET", "/"), web.Cookie("a", "b; Domain=evil.example"), ""},
		"a header in a name":    {request("GET", "/"), web.Cookie("a\r\nX", "b"), ""},
		"no name":               {request("GET", "/"), web.Cookie("", "b"), ""},
		"a header in its path":  {request("GET", "/"), &http.Cookie{Name: "a", Path: "/\r\nX: y"}, ""},
	}
	for name, tt := range tests {
		w := httptest.NewRecorder()
		err := web.SetCookie(w, tt.r, tt.cookie)
		if got := w.Header().Get("Set-Cookie"); got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	w := httptest.NewRecorder()
	if err := web.DeleteCookie(w, request("GET", "/"), "theme"); err != nil || w.Header().Get("Set-Cookie") != "theme=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax" {
		t.Errorf("%q %v", w.Header().Get("Set-Cookie"), err)
	}
}

func TestSignedAddresses(t *testing.T) {
	t.Parallel()
	key, next := []byte(strings.Repeat("k", 32)), []byte(strings.Repeat("n", 32))
	signer, err := web.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := web.NewSigner(next, key)
	if err != nil {
		t.Fatal(err)
	}
	other, err := web.NewSigner(next)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(address string, valid time.Duration) string {
		t.Helper()
		signed, err := signer.Sign(address, valid)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	good := sign("/leave/7?list=a&list=b", time.Hour)
	expired := strings.Replace(sign("/leave/7", time.Hour), "expires=", "expires=1", 1)
	past := sign("/leave/7", time.Nanosecond)
	tests := map[string]struct {
		signer *web.Signer
		target string
		status int
	}{
		"as it was signed":      {signer, good, 200},
		"parameters in another": {signer, "/leave/7?" + good[strings.Index(good, "signature"):] + "&" + strings.TrimSuffix(good[strings.Index(good, "?")+1:strings.Index(good, "signature")], "&"), 200},
		"for ever":              {signer, sign("/leave/7", 0), 200},
		"a host alone":          {signer, sign("http://example.com?user=7", 0), 200},
		"a whole URL":           {signer, sign("http://example.com/leave/7", 0), 200},
		"with a former key":     {renewed, good, 200},
		"with another key":      {other, good, 403},
		"not signed":            {signer, "/leave/7", 403},
		"another path":          {signer, strings.Replace(good, "/7", "/8", 1), 403},
		"an encoded path":       {signer, strings.Replace(good, "/7", "/%37", 1), 403},
		"another parameter":     {signer, strings.Replace(good, "list=b", "list=c", 1), 403},
		"one more":              {signer, good + "&admin=1", 403},
		"one less":              {signer, strings.Replace(good, "list=a&", "", 1), 403},
		"a later end":           {signer, expired, 403},
		"two signatures":        {signer, good + "&signature=x", 403},
		"no query":              {signer, "/leave/7?signature=%zz", 403},
		"expired":               {signer, past, 410},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			tt.signer.Middleware(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })).ServeHTTP(w, httptest.NewRequest("GET", tt.target, nil))
			if w.Code != tt.status {
				t.Errorf("%s: %d, want %d", tt.target, w.Code, tt.status)
			}
		})
	}
	if _, err := web.NewSigner(nil); err == nil {
		t.Error("no key is no error")
	}
	for _, address := range []string{"/a?signature=x", "/a?user=7;b=1", "/a?user=%zz&x=1", "leave?x=1", "mailto:a@example.com"} {
		if signed, err := signer.Sign(address, 0); err == nil {
			t.Errorf("%s was signed: %s", address, signed)
		}
	}
}
