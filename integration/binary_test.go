package integration_test

import (
	"debug/elf"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/dbtest"
)

// sizeBudget is what a new application's binary may weigh, frontend included. A
// dependency that breaks the linker's pruning crosses it at once.
const sizeBudget = 22_000_000

func TestTheBinaryIsStaticAndSmall(t *testing.T) {
	t.Parallel()
	info, err := os.Stat(appBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > sizeBudget {
		t.Errorf("the binary of a new application has %d bytes, the budget is %d", info.Size(), sizeBudget)
	}
	if runtime.GOOS != "linux" {
		return
	}
	file, err := elf.Open(appBinary(t))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if libraries, _ := file.ImportedLibraries(); len(libraries) > 0 || file.Section(".interp") != nil {
		t.Errorf("the binary is not static: %v", libraries)
	}
	if file.Section(".debug_info") != nil {
		t.Error("the binary is not stripped")
	}
}

func TestVersionNamesTheRevision(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "versioned")
	binary := filepath.Join(t.TempDir(), "versioned")
	for _, step := range [][]string{
		{filepath.Dir(dir), kitCommand(t), "new", "versioned", "--no-interaction"},
		{dir, "git", "add", "."},
		{dir, "git", "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "-q", "-m", "first"},
		{dir, "git", "tag", "v1.2.3"},
	} {
		if err := command(step[0], step[1], step[2:]...); err != nil {
			t.Fatal(err)
		}
	}
	// The frontend of the other application serves as well; it takes long to build.
	if err := os.CopyFS(filepath.Join(dir, "frontend", "node_modules"), os.DirFS(filepath.Join(newApplication(t), "frontend", "node_modules"))); err != nil {
		t.Fatal(err)
	}
	if err := command(dir, kitCommand(t), "build", "-o", binary); err != nil {
		t.Fatal(err)
	}
	revision := run(t, "/usr/bin/env", nil, "git", "-C", dir, "rev-parse", "HEAD").stdout
	got := run(t, binary, nil, "version")
	if !strings.Contains(got.stdout, "v1.2.3") || !strings.Contains(got.stdout, strings.TrimSpace(revision)) {
		t.Errorf("version of a build at tag v1.2.3, revision %s:\n%s", revision, got.stdout)
	}
}

// fetch requests path with headers given in pairs and without transparent
// decompression.
func fetch(t *testing.T, url string, headers ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

// The working directory of the process is empty, so everything comes out of the
// binary.
func TestThePageAndItsAssetsComeOutOfTheBinary(t *testing.T) {
	t.Parallel()
	server := start(t, appBinary(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "APP_ENV=production"}).untilReady()
	document, html := fetch(t, server.url+"/")
	if document.StatusCode != 200 || !strings.HasPrefix(document.Header.Get("Content-Type"), "text/html") || !strings.Contains(document.Header.Get("Vary"), "X-Inertia") {
		t.Fatalf("GET / = %s, headers %v", document.Status, document.Header)
	}
	assets := regexp.MustCompile(`"(/assets/[^"]+)"`).FindAllStringSubmatch(html, -1)
	kinds := map[string]bool{}
	for _, match := range assets {
		kinds[filepath.Ext(match[1])] = true
	}
	if !kinds[".js"] || !kinds[".css"] {
		t.Fatalf("the page links no script or no style:\n%s", html)
	}
	// The pages' chunks and the image are named in the script.
	_, script := fetch(t, server.url+regexp.MustCompile(`src="(/assets/[^"]+\.js)"`).FindStringSubmatch(html)[1])
	for _, match := range regexp.MustCompile(`["'\x60](?:/|\./)?(assets/[\w.-]+\.(?:js|css|svg))["'\x60]`).FindAllStringSubmatch(script, -1) {
		assets = append(assets, []string{"", "/" + match[1]})
	}
	seen := map[string]bool{}
	for _, match := range assets {
		path := match[1]
		if seen[path] {
			continue
		}
		seen[path] = true
		if !regexp.MustCompile(`-[\w-]{8,}\.\w+$`).MatchString(path) {
			t.Errorf("%s has no content hash", path)
		}
		plain, body := fetch(t, server.url+path, "Accept-Encoding", "identity")
		if plain.StatusCode != 200 || plain.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || plain.Header.Get("ETag") == "" {
			t.Errorf("GET %s = %s, headers %v", path, plain.Status, plain.Header)
		}
		again, _ := fetch(t, server.url+path, "Accept-Encoding", "identity", "If-None-Match", plain.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("GET %s with its ETag = %s, want 304", path, again.Status)
		}
		if len(body) < 2048 {
			continue
		}
		for _, encoding := range []string{"br", "gzip"} {
			packed, data := fetch(t, server.url+path, "Accept-Encoding", encoding)
			if packed.Header.Get("Content-Encoding") != encoding || len(data) >= len(body) || packed.Header.Get("ETag") == plain.Header.Get("ETag") || !strings.Contains(packed.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("GET %s as %s: %d of %d bytes, headers %v", path, encoding, len(data), len(body), packed.Header)
			}
		}
	}
	missing, _ := fetch(t, server.url+"/assets/app-00000000.js")
	if missing.StatusCode != 404 || missing.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("a missing asset = %s, Cache-Control %q", missing.Status, missing.Header.Get("Cache-Control"))
	}
	if hidden, _ := fetch(t, server.url+"/.vite/manifest.json"); hidden.StatusCode != 404 {
		t.Errorf("the manifest = %s, want 404", hidden.Status)
	}
}

func TestThePageSpeaksInertia(t *testing.T) {
	t.Parallel()
	server := start(t, appBinary(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "APP_ENV=production"}).untilReady()
	_, html := fetch(t, server.url+"/?from=mail")
	type page struct {
		Component, URL, Version string
		Props                   map[string]json.RawMessage
	}
	_, text, _ := strings.Cut(html, `<script data-page="app" type="application/json">`)
	text, _, _ = strings.Cut(text, "</script>")
	first := decode[page](t, text)
	if first.Component != "Home" || first.URL != "/?from=mail" || first.Version == "" || string(first.Props["errors"]) != "{}" {
		t.Errorf("the page of the document is %+v", first)
	}

	visit, body := fetch(t, server.url+"/about", "X-Inertia", "true", "X-Inertia-Version", first.Version)
	second := decode[page](t, body)
	if visit.StatusCode != 200 || visit.Header.Get("X-Inertia") != "true" || visit.Header.Get("Content-Type") != "application/json" || second.Component != "About" || second.URL != "/about" {
		t.Errorf("a visit = %s, headers %v, page %+v", visit.Status, visit.Header, second)
	}

	stale, body := fetch(t, server.url+"/about?x=1", "X-Inertia", "true", "X-Inertia-Version", "old")
	if stale.StatusCode != 409 || body != "" || !strings.HasSuffix(stale.Header.Get("X-Inertia-Location"), "/about?x=1") || stale.Header.Get("X-Inertia-Version") != first.Version || stale.Header.Get("X-Inertia") != "" {
		t.Errorf("a visit with an old version = %s, headers %v, body %q", stale.Status, stale.Header, body)
	}
}
