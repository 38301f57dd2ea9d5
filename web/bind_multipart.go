package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/fields"
)

const (
	standardDocument = 1 << 20
	standardUpload   = 10 << 20

	// maxPartHeader is the length in bytes of what comes before a part of a form. What
	// mime/multipart allows, 10 MB, would be read into memory.
	maxPartHeader = 64 << 10
	// sniffed is the number of bytes by which the type of a file is told.
	sniffed = 512
)

var errPartHeader = errors.New("what comes before a part of the form is too long")

// headerGuard bounds what is read while the reader of a form looks for the next part.
type headerGuard struct {
	body io.Reader
	left int64 // negative: no bound
}

func (g *headerGuard) Read(p []byte) (int, error) {
	if g.left == 0 {
		return 0, errPartHeader
	}
	if g.left > 0 && int64(len(p)) > g.left {
		p = p[:g.left]
	}
	n, err := g.body.Read(p)
	if g.left > 0 {
		g.left -= int64(n)
	}
	return n, err
}

// partReader reads the parts of a form as they arrive. Only texts are kept in memory.
type partReader struct {
	*binding
	root  node
	guard headerGuard
	texts int64 // what texts may still take
	files int
	file  []byte // for copying
}

// multipart reads the body as a form with files.
func (b *binding) multipart(v reflect.Value, boundary string) error {
	if boundary == "" {
		return malformed("The form has no boundary.", nil)
	}
	p := partReader{binding: b, guard: headerGuard{body: limited(b.r, b.in.MaxUpload, standardUpload)}, texts: cmp.Or(b.in.MaxDocument, standardDocument)}
	parts := multipart.NewReader(&p.guard, boundary)
	for {
		p.guard.left = maxPartHeader
		part, err := parts.NextRawPart()
		if err == io.EOF { // wrapped, it is the end of a form that is not whole
			break
		}
		if err != nil {
			return partError(err)
		}
		p.guard.left = -1
		if err := p.part(part); err != nil {
			return err
		}
	}
	f := formReader{binding: b}
	return f.value(b.shape, v, &p.root)
}

// partError is the error of reading a form.
func partError(err error) error {
	_, large := errors.AsType[*http.MaxBytesError](err)
	_, known := errors.AsType[*Error](err) // of SlowBodies
	if large || known || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, os.ErrDeadlineExceeded) {
		return readError(err)
	}
	return malformed("The form is malformed.", err)
}

// part reads one part, to its end.
func (p *partReader) part(part *multipart.Part) error {
	name := part.FormName()
	_, params, _ := strings.Cut(part.Header.Get("Content-Disposition"), ";")
	if name == "" {
		return malformed("A part of the form has no name.", nil)
	}
	if part.FileName() == "" && !strings.Contains(strings.ToLower(params), "filename") {
		return p.text(name, part)
	}
	if e := part.Header.Get("Content-Transfer-Encoding"); e != "" && !strings.EqualFold(e, "binary") && !strings.EqualFold(e, "8bit") && !strings.EqualFold(e, "7bit") {
		return malformed("The files of the form must not be encoded.", fmt.Errorf("the encoding is %q", e))
	}
	return p.upload(&Upload{Field: name, Name: fileName(part.FileName())}, part)
}

func (p *partReader) text(name string, part io.Reader) error {
	text, err := io.ReadAll(io.LimitReader(part, p.texts+1))
	if err != nil {
		return partError(err)
	}
	if p.texts -= int64(len(text) + len(name)); p.texts < 0 {
		return tooLarge("The fields of the form are larger than " + bytesText(cmp.Or(p.in.MaxDocument, standardDocument)) + ".")
	}
	return p.add(&p.root, name, string(text))
}

func (p *partReader) upload(u *Upload, part io.Reader) error {
	if p.file == nil {
		p.file = make([]byte, 32<<10)
	}
	head := p.file[:sniffed]
	n, err := io.ReadFull(part, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return partError(err)
	}
	if n == 0 && u.Name == "" {
		return nil // a field in which no file was chosen
	}
	if p.files++; p.files > p.in.maxFiles() {
		return tooLarge(fmt.Sprintf("The request has more than %d files.", p.in.maxFiles()))
	}
	names, err := p.split(u.Field)
	if err != nil {
		return err
	}
	u.Type = http.DetectContentType(head[:n])
	at, path := p.root.at(names), strings.Join(names, ".")
	m := p.shape.file(names)
	if m != nil && m.many() {
		path += "." + strconv.Itoa(len(at.files))
	}
	at.files = append(at.files, u)
	if m == nil {
		u.unwanted = true // as the reader of the form will say
		return p.drain(part)
	}
	if wrong := m.file.wrongType(u.Type); wrong != nil {
		return errors.Join(p.refuse(path, m, wrong), p.drain(part))
	}
	return p.write(u, m, path, head[:n], part)
}

// file returns the field of a file by its names, or nil if there is no such field.
func (s *shape) file(names []string) *member {
	var found *member
	for _, name := range names {
		for s.form == formPointer {
			s = s.elem
		}
		switch s.form {
		case formStruct:
			i, ok := s.byName[name]
			if !ok {
				return nil
			}
			found = &s.fields[i]
			s = found.shape
		case formList, formArray, formMap:
			s = s.elem
		default:
			return nil
		}
	}
	if found == nil || found.file == nil {
		return nil
	}
	return found
}

// many reports whether the field is a list of files.
func (m *member) many() bool { return m.shape.form == formList || m.shape.form == formArray }

// write writes a file to where it goes, and stops where it is too large.
func (p *partReader) write(u *Upload, m *member, path string, head []byte, part io.Reader) (err error) {
	var to io.Writer
	if p.to != nil {
		if to, err = p.to(u); err != nil {
			return err
		}
	}
	if to == nil {
		if err := u.create(p.in.TempDir); err != nil {
			return err
		}
		p.uploads = append(p.uploads, u)
		to = u.file
	}
	n, err := to.Write(head)
	if u.Size = int64(n); err != nil {
		return fmt.Errorf("writing the upload %s: %w", path, err)
	}
	in := &failing{Reader: part}
	var from io.Reader = in
	if m.file.max > 0 {
		from = io.LimitReader(in, max(0, m.file.max-u.Size)+1)
	}
	copied, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, p.file)
	u.Size += copied
	switch {
	case in.err != nil:
		return partError(in.err)
	case err != nil:
		return fmt.Errorf("writing the upload %s: %w", path, err)
	}
	if wrong := m.file.wrongSize(u.Size); wrong != nil {
		return errors.Join(p.refuse(path, m, wrong), p.drain(part))
	}
	return nil
}

// failing keeps the error of its reader, to tell it from that of a writer.
type failing struct {
	io.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// refuse notes a mistake in the file of a field.
func (p *partReader) refuse(path string, m *member, wrong *mistake) error {
	defer p.enter(fields.Segment{Name: path}, m.label)()
	return p.fail(wrong)
}

// drain reads the rest of a part that is not wanted.
func (p *partReader) drain(part io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{part}, p.file)
	if err != nil {
		return partError(err)
	}
	return nil
}

// keep lets the files be there until the request has been handled, or deletes them.
func (b *binding) keep(ok bool) {
	if len(b.uploads) == 0 {
		return
	}
	uploads := &scope{uploads: b.uploads}
	switch s := scopeOf(b.r.Context()); {
	case !ok:
		uploads.end()
	case s != nil && s.ends:
		s.uploads = append(s.uploads, b.uploads...)
	default:
		context.AfterFunc(b.r.Context(), uploads.end)
	}
}
