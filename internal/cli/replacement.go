package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/kitgo/kit/console"
)

// replaceFile writes path as a whole or not at all.
func replaceFile(path string, content []byte, mode fs.FileMode) error {
	r, err := newReplacement(path, content, mode)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer r.discard()
	if err := r.put(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// replacement is a file that is written, beside the place where it is to be. Putting it
// there needs no more space.
type replacement struct{ path, beside string }

func newReplacement(path string, content []byte, mode fs.FileMode) (r replacement, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".kit-write-")
	if err != nil {
		return r, err
	}
	r = replacement{path, f.Name()}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		r.discard()
	}
	return r, err
}

// put moves the file to its place.
func (r replacement) put() error { return os.Rename(r.beside, r.path) }

// discard removes the file, unless it was put.
func (r replacement) discard() { _ = os.Remove(r.beside) }

// unwritten is the error for a file that could not be written when others wait for it:
// none of them was.
func unwritten(name string, err error) error {
	reason, advice := err, ""
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		reason = e.Err
	}
	if errors.Is(err, syscall.ENOSPC) {
		advice = "make room on the disk, and run it again"
	}
	return &console.Error{Message: fmt.Sprintf("write %s: %v; nothing was written", name, reason), Advice: advice, Err: err}
}
