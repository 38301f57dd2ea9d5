package web

import (
	"encoding"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/nearest"
)

// Params are the values of a URL's parameters, by their names.
type Params map[string]any

// URL returns the path of the route with a name, with its parameters filled in. Values
// that the path has no parameter for become its query. A parameter that is missing or
// empty is an error, as is a name that no route has. The URL of a route for a host
// begins with //host.
//
//	r.URL("users.show", web.Params{"id": 7, "tab": "posts"}) // /users/7?tab=posts
func (r *Router) URL(name string, params Params) (string, error) {
	route, ok := r.table.byName[name]
	if !ok {
		err := fmt.Errorf("there is no route with the name %q", name)
		if near := nearest.Name(name, slices.Sorted(maps.Keys(r.table.byName))); near != "" {
			err = fmt.Errorf("%w; did you mean %q?", err, near)
		}
		return "", err
	}
	used := map[string]bool{}
	host, err := route.fill(route.Host, ".", params, used)
	if err != nil {
		return "", err
	}
	path, err := route.fill(strings.TrimPrefix(route.Pattern, "/"), "/", params, used)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	if host != "" {
		b.WriteString("//" + host)
	}
	b.WriteString("/" + path)
	query := url.Values{}
	for key, value := range params {
		if used[key] {
			continue
		}
		text, err := paramText(value)
		if err != nil {
			return "", fmt.Errorf("the value %s for the URL of %s: %w", key, name, err)
		}
		query.Set(key, text)
	}
	if len(query) > 0 {
		b.WriteString("?" + query.Encode())
	}
	return b.String(), nil
}

// fill returns a pattern with the values of its parameters, and notes their names.
func (rt *Route) fill(pattern, separator string, params Params, used map[string]bool) (string, error) {
	if pattern == "" {
		return "", nil
	}
	parts := strings.Split(pattern, separator)
	for i, part := range parts {
		name, ok := parameter(part)
		if !ok {
			if separator == "/" {
				parts[i] = url.PathEscape(unescaped(part))
			}
			continue
		}
		if name == "$" { // of ServeMux: the end of the path
			parts[i] = ""
			continue
		}
		used[name] = true
		value, given := params[name]
		many := strings.HasSuffix(part, "...}")
		if !given && !many {
			return "", fmt.Errorf("the URL of %s needs the parameter %s", rt, name)
		}
		text := ""
		if given {
			var err error
			if text, err = paramText(value); err != nil {
				return "", fmt.Errorf("the parameter %s for the URL of %s: %w", name, rt, err)
			}
		}
		escaped, err := escape(text, many, separator == ".")
		if err != nil {
			return "", fmt.Errorf("the parameter %s for the URL of %s: %w", name, rt, err)
		}
		parts[i] = escaped
	}
	return strings.Join(parts, separator), nil
}

// unescaped returns a segment of a pattern as the mux reads it.
func unescaped(segment string) string {
	if text, err := url.PathUnescape(segment); err == nil {
		return text
	}
	return segment
}

// escape returns a value as a part of a path or host. What would lead elsewhere is an
// error: browsers and servers shorten a/../b.
func escape(text string, many, host bool) (string, error) {
	if host {
		if text == "" || strings.Trim(strings.ToLower(text), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", fmt.Errorf("%q is no part of a host", text)
		}
		return text, nil
	}
	segments := []string{text}
	if many {
		segments = strings.Split(text, "/")
	}
	for i, s := range segments {
		if s == "." || s == ".." || s == "" && (!many || i < len(segments)-1) {
			return "", fmt.Errorf("%q cannot be in a path", text)
		}
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/"), nil
}

// paramText returns a value as it stands in a URL.
func paramText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case encoding.TextMarshaler:
		text, err := v.MarshalText()
		return string(text), err
	case nil:
		return "", fmt.Errorf("it is nil")
	}
	return fmt.Sprint(value), nil
}
