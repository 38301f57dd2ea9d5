package env

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// The sources of a variable that are not files.
const (
	Environment = "environment" // of the process
	Default     = "default"
	Unset       = "unset"
)

// Variable is what is known about a variable of a configuration.
type Variable struct {
	Name string
	// Value is what it is set to, or the default. A secret is ***, and so is the
	// password of a URL.
	Value string
	// Source is Environment, the name of a .env file, Default or Unset. When the value
	// is that of another variable, which counts if the first is not set, its name
	// follows in parentheses: environment (PORT).
	Source string
	// Required says that a program does not start without it.
	Required bool
	// Secret says that nobody may see its value; a URL whose password alone is one is not
	// meant.
	Secret bool
}

// Describe returns the variables of a C in the order of its fields, with their values
// in s. It reads what it can of a source with mistakes.
//
// A variable is secret when its name says so (PASSWORD, SECRET, TOKEN, KEY and others)
// or its field has the tag secret:"true"; with secret:"false" it never is.
func Describe[C any](s Source) []Variable {
	var list []Variable
	describe(reflect.TypeFor[C](), s, map[string]bool{}, &list)
	return list
}

func describe(t reflect.Type, s Source, seen map[string]bool, list *[]Variable) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("env"), ",")
		switch {
		case name == "":
			describe(f.Type, s, seen, list)
		case name != "-" && !seen[name]:
			seen[name] = true
			v := s.describe(name, f)
			v.Required = slices.Contains(strings.Split(options, ","), "required")
			*list = append(*list, v)
		}
	}
}

func (s Source) describe(name string, f reflect.StructField) Variable {
	mark := f.Tag.Get("secret")
	v := Variable{Name: name, Source: Unset, Secret: mark == "true" || mark != "false" && secretName.MatchString(name)}
	if value, ok := s.Lookup(name); ok {
		v.Value, v.Source = value, s.from[name]
	} else if value, ok := s.Lookup(f.Tag.Get("fallback")); ok {
		v.Value, v.Source = value, s.from[f.Tag.Get("fallback")]+" ("+f.Tag.Get("fallback")+")"
	} else if value := f.Tag.Get("default"); value != "" {
		v.Value, v.Source = value, Default
	}
	if v.Value != "" {
		v.Value = Redact(v.Value)
		if v.Secret {
			v.Value = "***"
		}
	}
	return v
}

// secretName matches the names of variables whose values are secrets.
var secretName = regexp.MustCompile(`(?i)(PASS(WORD|WD|PHRASE)?|SECRET|TOKEN|(^|_)KEYS?|CREDENTIALS?|PRIVATE|SALT|DSN)(_|$)`)

// secretParameter matches the parameters of a URL whose value is a secret.
var secretParameter = regexp.MustCompile(`(?i)([?&][a-z_-]*(?:pass|secret|token|key)[a-z_-]*=)[^&\s]*`)

// Redact returns a value without the passwords of the URLs in it: what is between the
// first colon after :// and the last @, and parameters whose name says that they are
// secret.
func Redact(value string) string {
	if start := strings.Index(value, "://"); start >= 0 {
		start += len("://")
		if at := strings.LastIndexByte(value, '@'); at >= start {
			if colon := strings.IndexByte(value[start:at], ':'); colon >= 0 {
				value = value[:start+colon] + ":***" + value[at:]
			}
		}
	}
	return secretParameter.ReplaceAllString(value, "${1}***")
}
