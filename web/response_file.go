package web

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unicode"
)

// File answers with a file of fsys, whole or in the ranges that the client asks for, or
// 304 if the client has it. A name that is none, a folder and a file that is not there
// are a 404: name may come from outside. What visitors have uploaded should be
// [Download]ed, as a browser would run a script in it.
func File(w http.ResponseWriter, r *http.Request, fsys fs.FS, name string) error {
	if !fs.ValidPath(name) || strings.ContainsAny(name, "\\\x00") {
		return refusal(http.StatusNotFound, fmt.Errorf("%q is no name of a file", name))
	}
	f, err := fsys.Open(name)
	switch {
	case isNoFile(err):
		return refusal(http.StatusNotFound, err)
	case err != nil:
		return fmt.Errorf("answer with a file: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("answer with a file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return refusal(http.StatusNotFound, fmt.Errorf("%s is no file", name))
	}
	content, ok := f.(io.ReadSeeker)
	if !ok {
		return fmt.Errorf("answer with the file %s: a %T cannot seek", name, f)
	}
	Content(w, r, path.Base(name), info.ModTime(), content)
	return nil
}

// isNoFile says whether err, of opening a file, is about its name: there is none, or it
// cannot be one.
func isNoFile(err error) bool {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrInvalid) {
		return true
	}
	inPath, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return false
	}
	switch inPath.Err {
	case syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.ELOOP:
		return true
	}
	if number, ok := inPath.Err.(syscall.Errno); ok && runtime.GOOS == "windows" {
		// ERROR_INVALID_NAME, ERROR_FILENAME_EXCED_RANGE, ERROR_DIRECTORY
		return number == 123 || number == 206 || number == 267
	}
	return inPath.Err.Error() == "path escapes from parent" // of an os.Root, which has no name for it
}

// Content answers with content, whole or in the ranges that the client asks for. The
// type is that of the name's extension, unless the header says it; modified may be zero.
func Content(w http.ResponseWriter, r *http.Request, name string, modified time.Time, content io.ReadSeeker) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, name, modified, content)
}

// Download answers like [File] and makes the browser save the file under the name as;
// empty is its own.
func Download(w http.ResponseWriter, r *http.Request, fsys fs.FS, name, as string) error {
	if as == "" {
		as = path.Base(name)
	}
	Attachment(w, as)
	return File(w, r, fsys, name)
}

// Attachment makes the browser save the answer under a name, which may come from
// outside, instead of showing it.
func Attachment(w http.ResponseWriter, name string) {
	safe := func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || strings.ContainsRune(`/\:*?"<>|`, c) {
			return '_'
		}
		return c
	}
	name = strings.Trim(strings.Map(safe, strings.ToValidUTF8(name, "_")), ". ")
	if name == "" {
		name = "download"
	}
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
