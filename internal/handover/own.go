package handover

import (
	"os"
	"os/exec"
	"path/filepath"
)

// Own returns this program as it was started, to be started anew: with the path that it
// was called by, so that a symbolic link that leads to another release by then is followed
// again. It is to be called before the process changes its directory.
func Own() (Program, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Program{}, err
	}
	running, err := os.Executable()
	if err != nil {
		return Program{}, err
	}
	p := Program{Path: running, Args: os.Args, Dir: dir}
	if called, err := exec.LookPath(os.Args[0]); err == nil {
		if called, err = filepath.Abs(called); err == nil && same(called, running) {
			p.Path = called
		}
	}
	return p, nil
}

// same says whether two paths lead to one file; not when that was replaced meanwhile.
func same(a, b string) bool {
	one, err := os.Stat(a)
	if err != nil {
		return false
	}
	other, err := os.Stat(b)
	return err == nil && os.SameFile(one, other)
}
