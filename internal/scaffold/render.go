package scaffold

import (
	"bytes"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"strings"
	"text/template"
)

// functions are for the templates of deployments.
var functions = template.FuncMap{
	"seconds": seconds,
	"quote":   quote,
	"list":    list,
	"add":     func(a, b int) int { return a + b },
	"div":     func(a, b int) int { return a / b },
	"lower":   func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "-") },
	"hcl":     func(s string) string { return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(quote(s)) },
	"dotenv":  dotenv,
	"dataDir": func() string { return DataDir },
}

// render returns every file below dir, in the order of the paths. A template of which
// nothing is left is no file, and one whose name begins with _ is for the others. APP in
// a path is the name of a deployment.
func render(dir string, data any) ([]File, error) {
	partials, err := partials(dir)
	if err != nil {
		return nil, fmt.Errorf("reading the templates: %w", err)
	}
	var files []File
	err = fs.WalkDir(templates, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), "_") {
			return err
		}
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			return err
		}
		file := File{Path: strings.TrimPrefix(name, dir+"/"), Content: text}
		if named, ok := data.(interface{ Label() string }); ok {
			file.Path = strings.ReplaceAll(file.Path, "APP", named.Label())
		}
		if path.Ext(name) == ".tmpl" {
			file.Path = strings.TrimSuffix(file.Path, ".tmpl")
			if file.Content, err = fill(partials, name, string(text), data); err != nil {
				return err
			}
			if len(text) > 0 && len(bytes.TrimSpace(file.Content)) == 0 {
				return nil
			}
		}
		if path.Ext(file.Path) == ".go" {
			if file.Content, err = format.Source(file.Content); err != nil {
				return fmt.Errorf("formatting %s: %w", file.Path, err)
			}
		}
		files = append(files, file)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rendering the templates: %w", err)
	}
	return files, nil
}

// partials returns the templates in dir that are for the others.
func partials(dir string) (*template.Template, error) {
	set := template.New("").Delims("[[", "]]").Funcs(functions).Option("missingkey=error")
	names, err := fs.Glob(templates, dir+"/_*.tmpl")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(templates, name)
		if err != nil {
			return nil, err
		}
		if _, err := set.New(name).Parse(string(text)); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// fill executes a template.
func fill(partials *template.Template, name, text string, data any) ([]byte, error) {
	set, err := partials.Clone()
	if err != nil {
		return nil, err
	}
	parsed, err := set.New(name).Parse(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, data)
	return out.Bytes(), err
}
