package vite

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
)

// keptPath lists the former builds whose assets are in this one, too.
const keptPath = ".vite/builds.json"

// formerBuild is an entry of that list. Its other fields are for the builds that follow.
type formerBuild struct {
	Files []string `json:"files"`
}

// keptFiles returns the names of the files that were kept of former builds.
func keptFiles(fsys fs.FS) ([]string, error) {
	text, err := fs.ReadFile(fsys, keptPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading what the frontend keeps of former builds: %w", err)
	}
	var list struct {
		Former []formerBuild `json:"former"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("reading what the frontend keeps of former builds, %s: %w", keptPath, err)
	}
	var names []string
	for _, b := range list.Former {
		names = append(names, b.Files...)
	}
	return names, nil
}
