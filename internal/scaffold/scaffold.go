// Package scaffold renders the files that the kit command writes: a new
// application, its Dockerfile, and the files of the platforms that it runs on.
//
//	files, err := scaffold.NewApp(scaffold.App{
//		Name: "shop", Module: "example.com/shop", Database: scaffold.SQLite,
//		Kit: scaffold.Kit{Version: "v1.0.0"},
//	})
//
// It writes nothing itself. The templates are files below templates, named as the
// file they become with .tmpl behind; their delimiters are [[ and ]], because
// TypeScript is full of braces. A file without .tmpl is copied as it is.
package scaffold

import (
	"cmp"
	"embed"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// The prefix all: is for .env, .gitignore and .gitkeep.
//
//go:embed all:templates
var templates embed.FS

// A File is one file to write.
type File struct {
	Path    string // slash-separated, relative to the application's directory
	Content []byte
}

// Databases that an application can start with.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
	MySQL    = "mysql"
)

// Package managers that a frontend can have.
const (
	NPM  = "npm"
	PNPM = "pnpm"
	Bun  = "bun"
)

// Kit says where an application finds the framework.
type Kit struct {
	Version string // as go.mod requires it
	Dir     string // a checkout that replaces the published module; "" if none
}

// Replacement is Dir as go.mod writes it, quoted where that is necessary.
func (k Kit) Replacement() string { return modfile.AutoQuote(k.Dir) }

// App describes a new application.
type App struct {
	Name     string // of the directory
	Module   string // path of the Go module
	Database string // [SQLite], [Postgres] or [MySQL]
	Kit      Kit
	Key      string // APP_KEY for development: 32 bytes in base64

	PackageManager        string // [NPM], which "" means, [PNPM] or [Bun]
	PackageManagerVersion string // that package.json names; not used of npm
}

// Title is the name for people: my-shop is "My Shop".
func (a App) Title() string {
	words := strings.FieldsFunc(a.Name, func(r rune) bool { return r == '-' || r == '_' })
	for i, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		words[i] = string(unicode.ToUpper(first)) + word[size:]
	}
	return strings.Join(words, " ")
}

// DatabaseName is the name of the database on a server, and that of the SQLite
// file: what needs no quoting in SQL.
func (a App) DatabaseName() string {
	return strings.ReplaceAll(strings.ToLower(a.Name), "-", "_")
}

// DatabaseURL is the database for development.
func (a App) DatabaseURL() string {
	switch a.Database {
	case Postgres:
		return "postgres://localhost:5432/" + a.DatabaseName()
	case MySQL:
		return "mysql://root@127.0.0.1:3306/" + a.DatabaseName()
	}
	return "sqlite://database/" + a.DatabaseName() + ".db"
}

// Lock is the name of the frontend's lock file.
func (a App) Lock() string {
	switch a.PackageManager {
	case PNPM:
		return "pnpm-lock.yaml"
	case Bun:
		return "bun.lock"
	}
	return "package-lock.json"
}

// AddPackage is the command that adds a package to the frontend.
func (a App) AddPackage() string {
	if a.PackageManager == NPM {
		return "npm install"
	}
	return a.PackageManager + " add"
}

// Binary is the name of the binary.
func (a App) Binary() string { return BinaryName(a.Module) }

// Image is the name of the container image.
func (a App) Image() string { return ImageName(a.Binary()) }

// BinaryName is the name of the binary that a build of a Go module leaves in the
// directory: the last element of the module's path, without a major version.
func BinaryName(modulePath string) string {
	prefix, _, ok := module.SplitPathVersion(modulePath)
	if !ok {
		prefix = modulePath
	}
	return path.Base(prefix)
}

// ImageName turns the name of a binary into that of a container image, which must
// be in lower case.
func ImageName(name string) string { return strings.ToLower(name) }

// NewApp returns the files of a new application.
func NewApp(a App) ([]File, error) {
	a.PackageManager = cmp.Or(a.PackageManager, NPM)
	return render("templates/app", a)
}

// Docker describes how an application's image is built.
type Docker struct {
	Binary string // name of the binary that a build leaves in the directory
	Port   int    // at which the image serves

	// Vendored says that .kit has a copy of the framework, which is used in place
	// of the checkout that go.mod names and the image cannot see.
	Vendored bool

	PackageManager        string // [NPM], which "" means, [PNPM] or [Bun]
	PackageManagerVersion string // that the image installs; npm is that of Node.js
	Lock                  string // the lock file in frontend; that of npm without one
}

// NewDocker returns the Dockerfile and .dockerignore.
func NewDocker(d Docker) ([]File, error) {
	d.PackageManager = cmp.Or(d.PackageManager, NPM)
	d.Lock = cmp.Or(d.Lock, "package-lock.json")
	return render("templates/docker", d)
}
