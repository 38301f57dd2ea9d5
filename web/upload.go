package web

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Upload is a file that came with a form. Its content lies in a temporary file, which
// is gone when the request has been handled; a handler that wants to keep it says
// [Upload.Save].
type Upload struct {
	// Field is the name of the field in the form.
	Field string
	// Name is what the client calls the file, without folders and control characters;
	// it may be empty. It is not for paths of one's own: two clients may say the same,
	// and the ending may be any.
	Name string
	// Type is the media type that the file's first bytes look like, by
	// [http.DetectContentType]; what the client says of it does not count.
	Type string
	// Size is the length in bytes.
	Size int64

	file     *os.File // nil for what was written elsewhere
	unwanted bool     // no field has such a file; it was not kept
}

// Reader returns the content from its beginning. It can be read until the request has
// been handled. It is empty if the file was written to the writer of [BindTo].
func (u *Upload) Reader() *io.SectionReader {
	if u.file == nil {
		return io.NewSectionReader(bytes.NewReader(nil), 0, 0)
	}
	return io.NewSectionReader(u.file, 0, u.Size)
}

// Save writes the content to the file at path, which appears when it is complete and
// replaces one that is there. Others than the owner may read it.
func (u *Upload) Save(path string) error {
	part, err := os.CreateTemp(filepath.Dir(path), ".upload-*")
	if err != nil {
		return fmt.Errorf("saving the upload: %w", err)
	}
	_, err = io.Copy(part, u.Reader())
	if err == nil {
		err = part.Chmod(0o644)
	}
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(part.Name(), path)
	}
	if err != nil {
		_ = os.Remove(part.Name())
		return fmt.Errorf("saving the upload: %w", err)
	}
	return nil
}

// create makes the temporary file. Where a system allows it, it has no name from here
// on: then not even a killed process leaves it behind.
func (u *Upload) create(dir string) error {
	f, err := os.CreateTemp(dir, "upload-*")
	if err != nil {
		return fmt.Errorf("keeping an upload: %w", err)
	}
	_ = os.Remove(f.Name())
	u.file = f
	return nil
}

// discard deletes the temporary file.
func (u *Upload) discard() {
	if u.file != nil {
		_ = u.file.Close()
		_ = os.Remove(u.file.Name())
	}
}

// fileName returns what a client calls a file, fit to be shown.
func fileName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	if !utf8.ValidString(name) || name == "." || name == ".." {
		return ""
	}
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	for len(name) > 255 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}
