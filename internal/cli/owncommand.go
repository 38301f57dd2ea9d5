package cli

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/nearest"
	"github.com/spf13/cobra"
)

// isOwnCommand reports whether args are for a command that the application in the working
// directory has of its own: its source has the word, or the word is nothing like one of
// kit's.
func isOwnCommand(root *cobra.Command, args []string) bool {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") || strings.HasPrefix(args[0], "__complete") || args[0] == "help" || args[0] == "completion" {
		return false
	}
	var names []string
	for _, c := range root.Commands() {
		names = append(append(names, c.Name()), c.Aliases...)
	}
	if slices.Contains(names, args[0]) {
		return false
	}
	p, err := findProject()
	if err != nil {
		return false
	}
	return slices.Contains(ownCommands(p.dir), args[0]) || nearest.Name(args[0], names) == ""
}

// ownCommands returns the names in the literals cobra.Command{Use: "…"} of an application's
// source: of its main package, and of the packages beside it.
func ownCommands(dir string) []string {
	var names []string
	for _, pattern := range []string{"*.go", filepath.Join("*", "*.go")} {
		paths, _ := filepath.Glob(filepath.Join(dir, pattern)) // the pattern is well formed
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				names = append(names, commandsIn(path)...)
			}
		}
	}
	return names
}

func commandsIn(path string) []string {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil // the build will say it
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if typ, ok := literal.Type.(*ast.SelectorExpr); !ok || typ.Sel.Name != "Command" {
			return true
		}
		for _, e := range literal.Elts {
			pair, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			key, isKey := pair.Key.(*ast.Ident)
			value, isText := pair.Value.(*ast.BasicLit)
			if !isKey || !isText || key.Name != "Use" {
				continue
			}
			if use, err := strconv.Unquote(value.Value); err == nil {
				if words := strings.Fields(use); len(words) > 0 {
					names = append(names, words[0])
				}
			}
		}
		return true
	})
	return names
}
