package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/identifier"
	"github.com/kitgo/kit/internal/scaffold"
	"golang.org/x/mod/module"
)

// usage is a mistake on the command line.
func usage(message, advice string) error {
	return &console.Error{Code: console.Usage, Message: message, Advice: advice}
}

// longestName keeps the name usable as that of a file, a database and an image.
const longestName = 64

// checkName reports why name cannot be that of an application: it becomes the name
// of a directory, a Go module, a database and an image.
func checkName(name string) error {
	const advice = "use letters, digits, - and _, beginning with a letter, such as my-shop"
	bad := func(why string) error {
		return usage(fmt.Sprintf("%q cannot be the name of an application: %s", name, why), advice)
	}
	switch {
	case len(name) > longestName:
		return usage(fmt.Sprintf("the name of an application has at most %d characters, but this one has %d", longestName, len(name)), advice)
	case strings.ContainsAny(name, `/\`) || name == "." || name == "..":
		return bad("it is a path")
	}
	if problem := identifier.Problem(name, longestName, "-_"); problem != "" {
		return bad("it " + problem)
	}
	if last := rune(name[len(name)-1]); !identifier.Letter(last) && !identifier.Digit(last) {
		return bad("it does not end with a letter or a digit")
	}
	if err := module.CheckImportPath(name); err != nil { // such as con, of which Windows makes no file
		return bad(fmt.Sprint(whyNoPath(err)))
	}
	return nil
}

func checkDatabase(database string) error {
	if !slices.Contains([]string{scaffold.SQLite, scaffold.Postgres, scaffold.MySQL}, database) {
		return usage(fmt.Sprintf("the database %q is not known", database), "use sqlite, postgres or mysql")
	}
	return nil
}

// checkModule reports why path cannot be that of a Go module.
func checkModule(path string) error {
	bad := func(why any) error {
		return usage(fmt.Sprintf("%q cannot be the path of a Go module: %v", path, why), "use a path such as example.com/shop")
	}
	if err := module.CheckImportPath(path); err != nil {
		return bad(whyNoPath(err))
	}
	switch {
	case path == kitModule || strings.HasPrefix(path, kitModule+"/"):
		return bad("it is that of Kit itself")
	case strings.Contains(path, "/-"):
		return bad("a part of it begins with -, which commands take for a flag")
	}
	return nil
}

// whyNoPath returns what an error of package module says, without the path.
func whyNoPath(err error) error {
	if invalid, ok := errors.AsType[*module.InvalidPathError](err); ok {
		return invalid.Err
	}
	return err
}

// checkNotStandard refuses a module whose packages Go would look for in its
// standard library.
func checkNotStandard(ctx context.Context, app scaffold.App) error {
	first, _, _ := strings.Cut(app.Module, "/")
	if strings.Contains(first, ".") {
		return nil
	}
	root, err := tool{}.output(ctx, "go", "env", "GOROOT")
	if err != nil {
		return fmt.Errorf("asking go where it is: %w", err)
	}
	if info, err := os.Stat(filepath.Join(root, "src", first)); err != nil || !info.IsDir() {
		return nil
	}
	return usage(
		fmt.Sprintf("the Go module cannot be named %s: Go's standard library has a package of that name", app.Module),
		fmt.Sprintf("choose another name, or give the module a path: --module example.com/%s", app.Name),
	)
}

// wordsOf returns the words of a name such as SendDigest, send_digest, send-digest or
// send:digest, in lower case. what it names, such as "a task", and an example are for the
// mistakes.
func wordsOf(name, what, example string) ([]string, error) {
	bad := func(why string) ([]string, error) {
		return nil, usage(fmt.Sprintf("%q cannot be the name of %s: %s", name, what, why), "use letters, digits and _, beginning with a letter, such as "+example)
	}
	if len(name) > longestName {
		return nil, usage(fmt.Sprintf("the name of %s has at most %d characters, but this one has %d", what, longestName, len(name)), "choose a shorter one")
	}
	var words []string
	begin := true
	for i, r := range name {
		switch {
		case r == '_' || r == '-' || r == ':':
			begin = true
			continue
		case !identifier.Letter(r) && !identifier.Digit(r):
			return bad(fmt.Sprintf("it has the character %q", r))
		case identifier.Digit(r) && len(words) == 0:
			return bad("it does not begin with a letter")
		}
		if begin || isUpper(r) && (!isUpper(before(name, i)) || isLower(after(name, i))) {
			words = append(words, "")
		}
		begin = false
		words[len(words)-1] += strings.ToLower(string(r))
	}
	if len(words) == 0 {
		return bad("it is empty")
	}
	return words, nil
}

func isUpper(r rune) bool { return 'A' <= r && r <= 'Z' }

func isLower(r rune) bool { return 'a' <= r && r <= 'z' }

func before(s string, i int) rune {
	if i == 0 {
		return 0
	}
	return rune(s[i-1])
}

func after(s string, i int) rune {
	if i+1 >= len(s) {
		return 0
	}
	return rune(s[i+1])
}

func pascalCase(words []string) string {
	var name strings.Builder
	for _, w := range words {
		name.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return name.String()
}
