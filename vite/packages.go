package vite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

const packagesPath = ".vite/packages.json"

// Package is a package of npm whose code is in the build.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Packages returns the packages of npm whose code is in the build, by name. They are those
// that the build's own list names, .vite/packages.json; ok is false when it has none.
func (b *Build) Packages() (list []Package, ok bool) { return b.packages, b.packages != nil }

// readPackages reads the list of a build, which older ones do not have.
func (b *Build) readPackages(fsys fs.FS) error {
	text, err := fs.ReadFile(fsys, packagesPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		b.packages = []Package{}
		err = json.Unmarshal(text, &b.packages)
	}
	if err != nil {
		return fmt.Errorf("reading the frontend's packages %s: %w", packagesPath, err)
	}
	return nil
}
