package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
)

// packageManager is a program that installs the packages of a frontend and runs the
// scripts of its package.json.
type packageManager struct {
	name    string
	version string   // with which Kit is tested, for images of applications that name none
	oldest  string   // that a new application can be made with; "" if Node.js brings one that fits
	lock    string   // the lock file that it writes
	oldLock string   // the lock file that older versions wrote; "" if they wrote the same
	frozen  []string // arguments that install what the lock file says, or fail
	first   []string // arguments that install without a lock file, and write one

	// mark is the file in node_modules that says by its time when the last installation
	// was complete. npm and pnpm write it; bun writes nothing at the end, so Kit does.
	mark     string
	registry string // where it reads which registry to ask
}

// ownMark is a mark that Kit writes.
const ownMark = ".kit-installed"

// packageManagers are those that Kit drives. The first one is the default.
var packageManagers = []packageManager{
	{
		name: scaffold.NPM, lock: "package-lock.json", mark: ".package-lock.json",
		frozen: []string{"ci", "--no-audit", "--no-fund"}, first: []string{"install", "--no-audit", "--no-fund"},
		registry: "the registry that `npm config get registry` names",
	},
	{
		name: scaffold.PNPM, version: "12.21.0", oldest: "10.6", lock: "pnpm-lock.yaml", mark: ".modules.yaml",
		frozen: []string{"install", "--frozen-lockfile"}, first: []string{"install", "--no-frozen-lockfile"},
		registry: "the registry that `pnpm config get registry` names",
	},
	{
		name: scaffold.Bun, version: "1.4.5", oldest: "1.2", lock: "bun.lock", oldLock: "bun.lockb", mark: ownMark,
		frozen: []string{"install", "--frozen-lockfile"}, first: []string{"install"},
		registry: "the registry that bunfig.toml or .npmrc names, or registry.npmjs.org",
	},
}

// managerNamed returns the package manager of a name.
func managerNamed(name string) (packageManager, error) {
	i := slices.IndexFunc(packageManagers, func(m packageManager) bool { return m.name == name })
	switch {
	case i >= 0:
		return packageManagers[i], nil
	case name == "yarn":
		return packageManager{}, usage("Kit does not drive yarn", "use npm, pnpm or bun")
	}
	return packageManager{}, usage(fmt.Sprintf("the package manager %q is not known", name), "use npm, pnpm or bun")
}

func checkPackageManager(name string) error {
	_, err := managerNamed(name)
	return err
}

// packageJSON is what Kit reads of frontend/package.json.
type packageJSON struct {
	Scripts        map[string]string
	PackageManager string // such as pnpm@12.21.0
}

// packageJSON reads frontend/package.json; without one it is empty.
func (p *project) packageJSON() (file packageJSON, err error) {
	text, err := os.ReadFile(p.path("frontend", "package.json"))
	if errors.Is(err, os.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return file, fmt.Errorf("reading frontend/package.json: %w", err)
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return file, &console.Error{Message: "frontend/package.json is no JSON: " + err.Error(), Err: err}
	}
	return file, nil
}

// manager is the package manager that package.json names, with its version; both are ""
// if it names none.
func (f packageJSON) manager() (name, version string) {
	name, version, _ = strings.Cut(f.PackageManager, "@")
	version, _, _ = strings.Cut(version, "+") // a hash
	return name, version
}

// packageManager returns the one of the application: that of the lock file, else the one
// that package.json names, else npm. Its version is the one that package.json names, if it
// does; its lock is the file that is there.
func (p *project) packageManager() (packageManager, error) {
	file, err := p.packageJSON()
	if err != nil {
		return packageManager{}, err
	}
	named, version := file.manager()
	var found []packageManager
	for _, m := range packageManagers {
		if lock := m.lockIn(p.path("frontend")); lock != "" {
			m.lock = lock
			found = append(found, m)
		}
	}
	var m packageManager
	switch {
	case len(found) > 1:
		return m, tooManyLocks(found, named)
	case len(found) == 1:
		m = found[0]
	case isFile(p.path("frontend", "yarn.lock")):
		return m, &console.Error{Message: "frontend/yarn.lock is yarn's, which Kit does not drive", Advice: "delete it, and run `npm install` in frontend/ (or pnpm or bun): it writes a lock file of its own"}
	case named == "":
		m = packageManagers[0]
	default:
		if m, err = managerNamed(named); err != nil {
			return m, &console.Error{Message: fmt.Sprintf("frontend/package.json names the package manager %q, which Kit does not drive", named), Advice: "let \"packageManager\" be npm, pnpm or bun with a version, or remove it, which means npm"}
		}
	}
	if named == m.name && version != "" {
		m.version = version
	}
	return m, nil
}

// lockIn returns the lock file in dir; "" if there is none.
func (m packageManager) lockIn(dir string) string {
	for _, name := range []string{m.lock, m.oldLock} {
		if name != "" && isFile(filepath.Join(dir, name)) {
			return name
		}
	}
	return ""
}

// tooManyLocks says which of the lock files to delete.
func tooManyLocks(found []packageManager, named string) error {
	var owners, others []string
	for _, m := range found {
		owners = append(owners, m.lock+" of "+m.name)
		if m.name != named {
			others = append(others, "frontend/"+m.lock)
		}
	}
	e := &console.Error{
		Message: "frontend/ has lock files of several package managers: " + strings.Join(owners, ", "),
		Advice:  "keep the one of the package manager that you use, and delete the others",
	}
	if len(others) < len(found) {
		e.Advice = "delete " + strings.Join(others, " and ") + ": package.json names " + named
	}
	return e
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// preparePackages finds the package manager of an application, checks that it is there,
// and installs the packages of the frontend if they are not those of the lock file.
func preparePackages(ctx context.Context, s steps, p *project) (packageManager, error) {
	m, err := p.packageManager()
	if err != nil {
		return m, err
	}
	if err := m.check(ctx); err != nil {
		return m, err
	}
	return m, m.prepare(ctx, s, p.path("frontend"))
}

// check reports whether Node.js and the package manager are installed. Node.js runs the
// build of the frontend whatever installs its packages.
func (m packageManager) check(ctx context.Context) error {
	if err := checkNode(ctx); err != nil {
		return err
	}
	if _, err := exec.LookPath(m.name); err != nil {
		return missing(m.name)
	}
	return nil
}

// versionForNew returns the version that is installed, if a new application can be made
// with it: an older pnpm does not read its settings, an older bun writes another lock file.
func (m packageManager) versionForNew(ctx context.Context) (string, error) {
	if m.oldest == "" {
		return "", nil
	}
	version, err := tool{}.output(ctx, m.name, "--version")
	if err != nil {
		return "", fmt.Errorf("asking %s for its version: %w", m.name, err)
	}
	major, minor, ok := parseVersion(version)
	oldMajor, oldMinor, _ := parseVersion(m.oldest)
	if ok && (major < oldMajor || major == oldMajor && minor < oldMinor) {
		return "", &console.Error{
			Message: fmt.Sprintf("%s %s is too old: a new application needs %s", m.name, version, m.oldest),
			Advice:  "install a newer one: npm install --global " + m.name,
		}
	}
	return version, nil
}

// installed reports whether the packages in dir, the folder of a frontend, are those of
// its lock file.
func (m packageManager) installed(dir string) bool {
	wanted, err := os.Stat(filepath.Join(dir, m.lock))
	if err != nil || m.foreign(dir) {
		return false
	}
	done, err := os.Stat(filepath.Join(dir, "node_modules", m.mark))
	return err == nil && !done.ModTime().Before(wanted.ModTime())
}

// foreign reports whether another package manager has installed what is in dir.
func (m packageManager) foreign(dir string) bool {
	return slices.ContainsFunc(packageManagers, func(o packageManager) bool {
		return o.name != m.name && isFile(filepath.Join(dir, "node_modules", o.mark))
	})
}

// prepare installs the packages in dir if they are not those of the lock file, as a step.
func (m packageManager) prepare(ctx context.Context, s steps, dir string) error {
	if m.installed(dir) {
		return nil
	}
	title := m.name + " " + m.frozen[0]
	if !isFile(filepath.Join(dir, m.lock)) {
		title = m.name + " " + m.first[0] + ", which writes frontend/" + m.lock + ": commit it"
	}
	return s.do(title, func(output io.Writer) error { return m.install(ctx, output, dir) })
}

// install installs the packages in dir: those of the lock file, or without one the newest
// that package.json allows, which are then the lock file's.
func (m packageManager) install(ctx context.Context, output io.Writer, dir string) error {
	// They do not understand each other's: npm fails, pnpm and bun leave half of it there.
	if m.foreign(dir) {
		if err := os.RemoveAll(filepath.Join(dir, "node_modules")); err != nil {
			return fmt.Errorf("removing the packages of another package manager: %w", err)
		}
	}
	args := m.frozen
	lock, err := os.Stat(filepath.Join(dir, m.lock)) // who changes it meanwhile wants another installation
	if err != nil {
		args = m.first
	}
	if err := (tool{dir: dir}).run(ctx, output, m.name, args...); err != nil {
		if failed, ok := errors.AsType[*console.Error](err); ok && failed.Advice == "" {
			failed.Advice = m.name + " says above why; the packages come from " + m.registry
		}
		return err
	}
	if lock == nil {
		m.lock = m.lockIn(dir) // which an old bun names otherwise
		if lock, err = os.Stat(filepath.Join(dir, m.lock)); m.lock == "" || err != nil {
			return nil // there was nothing to install
		}
	}
	return m.touch(dir, lock)
}

// touch makes the mark as new as the lock file of an installation. pnpm leaves it as it is
// when nothing was to be done, and may write the lock file last.
func (m packageManager) touch(dir string, lock os.FileInfo) error {
	if m.installed(dir) {
		return nil
	}
	mark := filepath.Join(dir, "node_modules", m.mark)
	var err error
	if m.mark == ownMark {
		err = os.WriteFile(mark, nil, 0o644)
	}
	if err == nil {
		err = os.Chtimes(mark, time.Time{}, lock.ModTime())
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) { // without dependencies there is no node_modules
		return fmt.Errorf("noting that the packages are installed: %w", err)
	}
	return nil
}
