//go:build unix

package dbtest

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAProgramIsFoundInThePackagesFoldersOrItsInstallLineIsTheError(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program := filepath.Join(folder, "9", "kit-test-program")
	if err := os.Mkdir(filepath.Dir(program), 0o755); err != nil {
		t.Fatal(err)
	}
	look := func() (string, error) { return find(errNoRedis, "kit-test-program", filepath.Join(folder, "*")) }
	if path, err := look(); !errors.Is(err, errNoRedis) {
		t.Errorf("no file: %q, %v", path, err)
	}
	if err := os.WriteFile(program, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if path, err := look(); !errors.Is(err, errNoRedis) {
		t.Errorf("a file that cannot be run: %q, %v", path, err)
	}
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	if path, err := look(); path != program || err != nil {
		t.Errorf("%q, %v, want %s", path, err, program)
	}
}
