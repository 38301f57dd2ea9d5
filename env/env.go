// Package env fills a struct from .env files and the environment.
//
// Each field names its variable and, where there is one, its default:
//
//	type Config struct {
//		DatabaseURL string        `env:"DATABASE_URL,required"`
//		Port        int           `env:"SERVER_PORT" fallback:"PORT" default:"8080"`
//		Timeout     time.Duration `env:"TIMEOUT" default:"30s"`
//	}
//
//	cfg, err := env.Load[Config](env.OS("."))
//
// The real environment wins over .env.<APP_ENV>, that over .env, and that over
// the default. A variable that is set to nothing counts as not set. A value that
// does not parse is an error that names the variable, shows the value and says
// what is expected; it is never replaced by the default.
//
// The fields may be of the types that [github.com/caarlos0/env/v11] parses, and
// durations may be plain numbers of seconds.
package env

import (
	"encoding"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	caarlos "github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// Source is a set of variables and the files that some of them came from.
type Source struct {
	values map[string]string
	from   map[string]string // where each value came from
	files  map[string]bool   // the .env files that exist
	err    error
}

// OS returns the variables of the process over those of the .env files in dir.
// Files that do not exist are left out.
func OS(dir string) Source {
	process := make(map[string]string)
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		process[name] = value
	}
	return Files(dir, process)
}

// Files returns the variables in process over those of the .env files in dir.
func Files(dir string, process map[string]string) Source {
	base, err := readFile(filepath.Join(dir, ".env"))
	if err != nil {
		return Source{err: err}
	}
	name := process["APP_ENV"]
	if name == "" {
		name = base["APP_ENV"]
	}
	if name == "" {
		name = "development"
	}
	if strings.ContainsAny(name, `/\`) {
		return Source{err: &Error{Variable: "APP_ENV", Value: name, Problem: "is not a name", Advice: "use development, production, testing or a name of your own"}}
	}
	specific, err := readFile(filepath.Join(dir, ".env."+name))
	if err != nil {
		return Source{err: err}
	}
	values, from := make(map[string]string), make(map[string]string)
	for _, layer := range []struct {
		name   string
		values map[string]string
	}{{".env", base}, {".env." + name, specific}, {Environment, process}} {
		for k, v := range layer.values {
			values[k], from[k] = v, layer.name
		}
	}
	for k, v := range values {
		if v == "" {
			delete(values, k)
		}
	}
	return Source{values: values, from: from, files: map[string]bool{".env": base != nil, ".env." + name: specific != nil}}
}

// File reports whether there is a .env file of this name.
func (s Source) File(name string) bool { return s.files[name] }

// Lookup returns the variable name and whether it is set to something.
func (s Source) Lookup(name string) (string, bool) {
	v, ok := s.values[name]
	return v, ok
}

// Load returns a C filled from s. All mistakes are reported at once, joined; each
// is an [*Error].
func Load[C any](s Source) (C, error) {
	var cfg C
	if s.err != nil {
		return cfg, s.err
	}
	fields := make(map[string]field)
	collect(reflect.TypeFor[C](), fields)
	values := make(map[string]string, len(s.values))
	for k, v := range s.values {
		values[k] = v
	}
	for name, f := range fields {
		if v, ok := values[f.fallback]; ok && values[f.variable] == "" {
			values[f.variable] = v
			f.source = f.fallback
			fields[name] = f
		}
	}
	err := caarlos.ParseWithOptions(&cfg, caarlos.Options{
		Environment:         values,
		DefaultValueTagName: "default",
		FuncMap:             map[reflect.Type]caarlos.ParserFunc{reflect.TypeFor[time.Duration](): parseDuration},
	})
	return cfg, explain(err, fields, values)
}

// field is what messages need to know of a struct field.
type field struct {
	variable, fallback, source string
}

// collect finds the variables of t's fields, by the field's name, which is all
// that the parser's errors tell.
func collect(t reflect.Type, fields map[string]field) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for f := range t.Fields() {
		variable, _, _ := strings.Cut(f.Tag.Get("env"), ",")
		if variable == "" {
			collect(f.Type, fields)
			continue
		}
		fields[f.Name] = field{variable: variable, source: variable, fallback: f.Tag.Get("fallback")}
	}
}

func parseDuration(s string) (any, error) {
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		return time.Duration(seconds * float64(time.Second)), nil
	}
	return time.ParseDuration(s)
}

func readFile(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &Error{Variable: filepath.Base(path), Problem: "cannot be read: " + err.Error(), Advice: "correct its permissions or remove it"}
	}
	defer f.Close()
	values, err := godotenv.Parse(f)
	if err != nil {
		return nil, &Error{Variable: filepath.Base(path), Problem: "cannot be understood", Advice: "write one NAME=value a line, values with spaces in quotes", Err: err}
	}
	return values, nil
}

// explain turns the parser's error into one [*Error] for each variable.
func explain(err error, fields map[string]field, values map[string]string) error {
	aggregate, ok := errors.AsType[caarlos.AggregateError](err)
	if !ok {
		return err
	}
	var list []error
	for _, e := range aggregate.Errors {
		list = append(list, explainOne(e, fields, values))
	}
	return errors.Join(list...)
}

func explainOne(err error, fields map[string]field, values map[string]string) error {
	if missing, ok := errors.AsType[caarlos.VarIsNotSetError](err); ok {
		return &Error{Variable: missing.Key, Problem: "is not set", Advice: fmt.Sprintf("set %s in the environment or in .env", missing.Key), Err: err}
	}
	parse, ok := errors.AsType[caarlos.ParseError](err)
	if !ok {
		return &Error{Variable: "configuration", Problem: err.Error(), Err: err}
	}
	f := fields[parse.Name]
	value := Redact(values[f.variable])
	if secretName.MatchString(f.variable) {
		value = "***"
	}
	e := &Error{Variable: f.source, Value: value, Problem: "is not " + expectation(parse.Type), Err: err}
	e.Advice = fmt.Sprintf("correct %s, or remove it to use the default", e.Variable)
	return e
}

// expectation says in words what a value of type t looks like.
func expectation(t reflect.Type) string {
	switch {
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		if d, ok := reflect.New(t).Interface().(interface{ Expected() string }); ok {
			return d.Expected()
		}
		return "a valid " + t.String()
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 30s, 5m or a number of seconds"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "a whole number"
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "a number"
	default:
		return "a value of type " + t.String()
	}
}
