package kit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestForgedAddressesAndHosts(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	for _, header := range []string{"X-Forwarded-For", "X-Real-IP", "True-Client-IP", "Forwarded", "CF-Connecting-IP", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Host", "X-Original-URL", "X-Rewrite-URL"} {
		if _, body := v.request("GET", "/client", header, "203.0.113.9"); body != "127.0.0.1 "+v.address+" " {
			t.Errorf("%s: %s", header, body)
		}
	}
	// Nor is a limit passed that way.
	codes := map[int]int{}
	for i := range 6 {
		response, _ := v.request("GET", "/limited", "X-Forwarded-For", fmt.Sprint("203.0.113.", i))
		codes[response.StatusCode]++
	}
	if codes[200] != 3 || codes[429] != 3 {
		t.Errorf("answers %v", codes)
	}
	own := newVictim(t, map[string]string{"APP_HOSTS": "shop.example"})
	for host, status := range map[string]int{"shop.example": 200, "evil.example": 421, "shop.example.evil.tld": 421, "shop.example:80": 200} {
		if response, _ := own.request("GET", "/", "Host", host); response.StatusCode != status {
			t.Errorf("host %s: %s, want %d", host, response.Status, status)
		}
	}
	if response, _ := own.request("GET", "http://evil.example/", "Host", "shop.example"); response.StatusCode != 421 {
		t.Errorf("a target with another host: %s", response.Status)
	}
}

func TestCrossSiteWrites(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	origins := map[string][]string{
		"cross-site": {"Sec-Fetch-Site", "cross-site"}, "same-site": {"Sec-Fetch-Site", "same-site"},
		"old browser": {"Origin", "https://evil.example"}, "null origin": {"Origin", "null"}, "sandboxed": {"Origin", "null", "Sec-Fetch-Site", "cross-site"},
	}
	types := []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain; application/json", "application/octet-stream", "text/xml"}
	for name, headers := range origins {
		for _, contentType := range types {
			for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
				all := append(slices.Clone(headers), "Content-Length", "0")
				if contentType != "" {
					all = append(all, "Content-Type", contentType)
				}
				if response, _ := v.request(method, "/write", all...); response.StatusCode != 403 {
					t.Errorf("%s, %s of %q: %s", name, method, contentType, response.Status)
				}
			}
		}
	}
	if n := v.written.Load(); n != 0 {
		t.Errorf("%d were written", n)
	}
	for _, name := range []string{"X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"} {
		if response, body := v.request("GET", "/?_method=DELETE", name, "DELETE", "Sec-Fetch-Site", "cross-site"); response.StatusCode != 200 || body != "home" {
			t.Errorf("%s: %s", name, response.Status)
		}
	}
	if response, _ := v.request("POST", "/write", "Origin", "http://"+v.address, "Sec-Fetch-Site", "same-origin", "Content-Length", "0"); response.StatusCode != 200 {
		t.Errorf("a write of one's own: %s", response.Status)
	}
}

func TestSessionFixationAndTampering(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	const planted = "kit_session=AAAAAAAAAAAAAAAAAAAAAAAAAA.1"
	response, _ := v.request("POST", "/in", "Cookie", planted, "Content-Length", "0")
	var token string
	for _, c := range response.Cookies() {
		token = c.Name + "=" + c.Value
	}
	if token == "" || strings.Contains(token, "AAAAAAAA") {
		t.Fatalf("%s: the session is %q", response.Status, token)
	}
	me := func(cookie string) string { _, body := v.request("GET", "/me", "Cookie", cookie); return body }
	if got := me(token); got != "you are Ann" {
		t.Fatalf("after signing in: %q", got)
	}
	if got := me(planted); got != "you are " {
		t.Errorf("who planted the token: %q", got)
	}
	again, _ := v.request("POST", "/in", "Cookie", token, "Content-Length", "0")
	if me(token) != "you are " || len(again.Cookies()) != 1 {
		t.Error("the token before signing in again is still good")
	}
	token = again.Cookies()[0].Name + "=" + again.Cookies()[0].Value
	for i := len("kit_session="); i < len("kit_session=")+26; i++ {
		changed := []byte(token)
		changed[i] = 'A' + (changed[i]-'A'+1)%26
		if got := me(string(changed)); got != "you are " {
			t.Errorf("with character %d changed: %q", i, got)
		}
	}
	for _, cookie := range []string{"kit_session=' OR 1=1 --", "kit_session=%00", "kit_session=" + strings.Repeat("A", 5000), "kit_session=../../x", "kit_session=" + token + ";" + token} {
		if got := me(cookie); got != "you are " && !strings.HasSuffix(cookie, ";"+token) {
			t.Errorf("%.40q: %q", cookie, got)
		}
	}
}
