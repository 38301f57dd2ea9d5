package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/web"
)

const png = "\x89PNG\r\n\x1a\n" + "0123456789"

// part is a part of a form: name=value, or name=file:content.
func multipartForm(t *testing.T, parts ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		name, value, _ := strings.Cut(p, "=")
		file, content, isFile := strings.Cut(value, ":")
		var part io.Writer
		var err error
		if isFile {
			part, err = w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="%s"`, name, file)}, "Content-Type": {"image/png"}})
		} else {
			part, err = w.CreateFormField(name)
			content = value
		}
		if err == nil {
			_, err = io.WriteString(part, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return post(w.FormDataContentType(), body.String())
}

type profile struct {
	Name   string        `json:"name" validate:"required"`
	Photo  *web.Upload   `json:"photo" label:"picture" validate:"required" file:"max=1KB,types=image/* application/pdf"`
	Papers []*web.Upload `json:"papers" validate:"max=2" file:"max=20"`
	Deep   struct {
		Any web.Upload `json:"any" file:"min=0"`
	} `json:"deep"`
}

func TestUploads(t *testing.T) {
	t.Parallel()
	many := []string{"name=a"}
	for range 21 {
		many = append(many, "papers=a:b")
	}
	tests := map[string]struct {
		parts []string
		want  string
	}{
		"a file":                        {[]string{"name=a", "photo=a.png:" + png}, "ok"},
		"files of one name":             {[]string{"name=a", "photo=a.png:" + png, "papers[]=a:1", "papers[]=b:2", "deep[any]=e:"}, "ok"},
		"files with numbers":            {[]string{"name=a", "photo=a.png:" + png, "papers[0]=a:1", "papers[1]=b:2"}, "ok"},
		"no file":                       {[]string{"name=a"}, "photo: The picture is required."},
		"none was chosen":               {[]string{"name=a", "photo=:"}, "photo: The picture is required."},
		"an empty file":                 {[]string{"name=a", "photo=a.png:" + png, "papers=a:"}, "papers.0: The entry 1 of papers is an empty file."},
		"a file too large":              {[]string{"name=", "photo=a.png:" + png + strings.Repeat("x", 1<<10)}, "photo: The picture must be at most 1KB. | name: The name is required."},
		"a file too large in a list":    {[]string{"name=a", "photo=a.png:" + png, "papers=a:b", "papers=c:" + strings.Repeat("x", 21)}, "papers.1: The entry 2 of papers must be at most 20."},
		"a type that is only said":      {[]string{"name=a", "photo=a.png:<html><script>"}, "photo: The picture must be a file of type image/* or application/pdf."},
		"two files for one":             {[]string{"name=a", "photo=a.png:" + png, "photo=b.png:" + png}, "photo: The picture must be one file."},
		"too many for the rules":        {[]string{"name=a", "photo=a.png:" + png, "papers=a:b", "papers=a:b", "papers=a:b"}, "papers: The papers must have at most 2 entries."},
		"a file that nobody wants":      {[]string{"name=a", "photo=a.png:" + png, "other=a:b"}, "other: The other is not a known field."},
		"a file for a text":             {[]string{"photo=a.png:" + png, "name=a:b"}, "name: The name must be text."},
		"a text for a file":             {[]string{"name=a", "photo=x"}, "photo: The picture must be a file."},
		"too many files":                {many, "413 The request has more than 20 files."},
		"texts that are large together": {[]string{"name=" + strings.Repeat("x", 1<<19), "name=" + strings.Repeat("x", 1<<19)}, "413 The fields of the form are larger than 1 MiB."},
		"a form that is too large":      {[]string{"other=a:" + strings.Repeat("x", 11<<20)}, "413 The request body is larger than 10 MiB."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, answer[profile](multipartForm(t, tt.parts...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMalformedForms(t *testing.T) {
	t.Parallel()
	const head = "--x\r\nContent-Disposition: form-data; name=\"name\"\r\n"
	long := strings.Repeat("y", 70<<10)
	for name, tt := range map[string]struct{ contentType, body, want string }{
		"no boundary":              {"multipart/form-data", "x", "400 The form has no boundary."},
		"a boundary that is none":  {"multipart/form-data; boundary=\"", "x", "415 The request body must be JSON or a form."},
		"nothing":                  {"multipart/form-data; boundary=x", "\r\n", "400 The request body ends too early."},
		"no end":                   {"multipart/form-data; boundary=x", head + "\r\na", "400 The request body ends too early."},
		"a part without a name":    {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n", "400 A part of the form has no name."},
		"a header too long":        {"multipart/form-data; boundary=x", head + "A: " + long + "\r\n\r\na\r\n--x--\r\n", "400 The form is malformed."},
		"a long way to the form":   {"multipart/form-data; boundary=x", long + "\r\n" + head + "\r\na\r\n--x--\r\n", "400 The form is malformed."},
		"a file that is encoded":   {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\na\r\n--x--\r\n", "400 The files of the form must not be encoded."},
		"a text that is not UTF-8": {"multipart/form-data; boundary=x", head + "\r\n\xff\r\n--x--\r\n", "name: The name has characters that are not valid. | photo: The picture is required."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := answer[profile](post(tt.contentType, tt.body)); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestWhatAnUploadKnows(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, done := context.WithCancel(t.Context())
	r := multipartForm(t, "name=a", `photo=..\..\etc/a`+"\u202egnp.exe:"+png, "papers=../..:x").WithContext(ctx)
	var form profile
	var err error
	(&web.Input{TempDir: dir}).Middleware(handler(func(_ http.ResponseWriter, r *http.Request) { form, err = web.Bind[profile](r) })).ServeHTTP(nil, r)
	if err != nil {
		t.Fatal(err)
	}
	u := form.Photo
	if u.Field != "photo" || u.Name != "agnp.exe" || u.Type != "image/png" || u.Size != int64(len(png)) || form.Papers[0].Name != "" {
		t.Errorf("the upload is %+v, the other's name %q", u, form.Papers[0].Name)
	}
	for range 2 { // it can be read again
		if content, err := io.ReadAll(u.Reader()); err != nil || string(content) != png {
			t.Errorf("the content is %q, %v", content, err)
		}
	}
	path := filepath.Join(t.TempDir(), "kept.png")
	for range 2 { // the second replaces the first
		if err := u.Save(path); err != nil {
			t.Fatal(err)
		}
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != png {
		t.Errorf("the file kept has %q, %v", content, err)
	}
	if err := u.Save(filepath.Join(dir, "no", "such", "folder")); err == nil {
		t.Error("it was kept in a folder that does not exist")
	}
	done()
	for { // the file ends with the request
		if _, err := u.Reader().ReadAt(make([]byte, 1), 0); errors.Is(err, os.ErrClosed) {
			break
		}
		runtime.Gosched()
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

func TestUploadsGoWhereTheyAreWanted(t *testing.T) {
	t.Parallel()
	var written bytes.Buffer
	type form struct {
		Name  string     `json:"name"`
		Video web.Upload `json:"video" file:"max=1MB"`
		Cover web.Upload `json:"cover"`
	}
	got, err := web.BindTo[form](multipartForm(t, "name=a", "video=a.mp4:"+png, "cover=b:c"), func(u *web.Upload) (io.Writer, error) {
		if u.Field != "video" {
			return nil, nil
		}
		fmt.Fprintf(&written, "%s %s ", u.Name, u.Type)
		return &written, nil
	})
	if err != nil || written.String() != "a.mp4 image/png "+png || got.Video.Size != int64(len(png)) || got.Video.Reader().Size() != 0 {
		t.Errorf("%q, %+v, %v", &written, got, err)
	}
	if content, err := io.ReadAll(got.Cover.Reader()); err != nil || string(content) != "c" {
		t.Errorf("%q, %v", content, err)
	}
	full := errors.New("full")
	if _, err = web.BindTo[form](multipartForm(t, "video=a:b"), func(*web.Upload) (io.Writer, error) { return nil, full }); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
	reader, writer := io.Pipe()
	_ = reader.CloseWithError(full)
	if _, err = web.BindTo[form](multipartForm(t, "video=a:b"), func(*web.Upload) (io.Writer, error) { return writer, nil }); !errors.Is(err, full) {
		t.Errorf("the error is %v", err)
	}
}

// endless is the body of an upload of n bytes.
func endless(n int64) io.Reader {
	head := "--x\r\nContent-Disposition: form-data; name=\"video\"; filename=\"v.mp4\"\r\n\r\n"
	return io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, n), strings.NewReader("\r\n--x--\r\n"))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestALargeUploadTakesNoMemory cannot run in parallel: it counts what the process
// allocates.
func TestALargeUploadTakesNoMemory(t *testing.T) {
	const size = 200 << 20
	type form struct {
		Video *web.Upload `json:"video" validate:"required"`
	}
	var allocated, saved int64
	server := httptest.NewServer((&web.Input{MaxUpload: size + 1<<20, TempDir: t.TempDir()}).Middleware(handler(func(w http.ResponseWriter, r *http.Request) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := web.Bind[form](r)
		runtime.ReadMemStats(&after)
		if err != nil {
			web.WriteError(w, r, err)
			return
		}
		allocated, saved = int64(after.TotalAlloc-before.TotalAlloc), f.Video.Size
	})))
	defer server.Close()
	res, err := http.Post(server.URL, "multipart/form-data; boundary=x", endless(size))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK || saved != size {
		t.Fatalf("status %d, %d bytes", res.StatusCode, saved)
	}
	// The client is in this process too.
	if allocated > 4<<20 {
		t.Errorf("%d bytes were allocated for an upload of %d", allocated, size)
	}
}

// careless is an input whose method panics.
type careless struct {
	Photo *web.Upload `json:"photo"`
}

type seenKey struct{}

func (c careless) Validate(ctx context.Context) error {
	ctx.Value(seenKey{}).(chan *web.Upload) <- c.Photo
	panic("careless")
}

func TestUploadsOfAnInputThatPanicsAreGone(t *testing.T) {
	t.Parallel()
	seen := make(chan *web.Upload, 1)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_, _ = web.Bind[careless](multipartForm(t, "photo=a.png:"+png).WithContext(context.WithValue(t.Context(), seenKey{}, seen)))
	}()
	if _, err := (<-seen).Reader().ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is open: %v", err)
	}
}

// The client goes while its upload is being kept: the file is there until the handler has
// ended.
func TestAnUploadOutlivesItsClient(t *testing.T) {
	t.Parallel()
	ctx, gone := context.WithCancel(t.Context())
	var upload *web.Upload
	new(web.Errors).Middleware(handler(func(_ http.ResponseWriter, r *http.Request) {
		form, err := web.Bind[struct {
			Photo *web.Upload `json:"photo"`
		}](r)
		if err != nil {
			t.Error(err)
			return
		}
		upload = form.Photo
		gone()
		for range 100 {
			runtime.Gosched()
		}
		if err := upload.Save(filepath.Join(t.TempDir(), "kept.png")); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(httptest.NewRecorder(), multipartForm(t, "photo=a.png:"+png).WithContext(ctx))
	if _, err := upload.Reader().ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file is open after the request: %v", err)
	}
}
