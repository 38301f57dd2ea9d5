package web

import (
	"errors"
	"fmt"
	"html"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// detailsStyle is all the style of the page, which comes with no script.
const detailsStyle = `body{font:15px/1.5 system-ui;margin:0;background:#f6f6f7;color:#222}
main{max-width:62rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.4rem;overflow-wrap:anywhere}h2{font-size:1rem;margin:2rem 0 .5rem}
.s{color:#b00020}pre,table{background:#fff;border:1px solid #ddd;border-radius:6px;padding:.6rem;overflow:auto;font:13px/1.5 ui-monospace,monospace}
table{border-spacing:0;width:100%;display:block}td{padding:.1rem .8rem .1rem 0;vertical-align:top;overflow-wrap:anywhere}td:first-child{color:#666;white-space:nowrap}
mark{background:#ffe1e1;display:block}.f mark{background:none;color:#b00020}
@media(prefers-color-scheme:dark){body{background:#18181b;color:#e4e4e7}pre,table{background:#09090b;border-color:#333}mark{background:#4c1d1d;color:inherit}.s,.f mark{color:#ff8a8a}}`

// details returns the page that a developer sees.
func (e *Errors) details(r *http.Request, f Failure) string {
	var b strings.Builder
	esc := html.EscapeString
	write := func(parts ...string) {
		for _, p := range parts {
			b.WriteString(p)
		}
	}
	section := func(title, body string) {
		if body != "" {
			write("<h2>", title, "</h2>\n", body, "\n")
		}
	}
	var queries []Query
	if e.Queries != nil {
		queries = e.Queries(r.Context())
	}
	write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
		"<title>", esc(f.Err.Error()), "</title>\n<style nonce=\"", esc(NonceOf(r.Context())), "\">", detailsStyle, "</style>\n</head>\n<body>\n<main>\n",
		"<p class=\"s\">", fmt.Sprint(f.Status), " ", esc(http.StatusText(f.Status)), "</p>\n<h1>", esc(f.Err.Error()), "</h1>\n")
	section("Where", sources(r, f.Err, queries))
	section("Error", chain(f.Err))
	section("Request", request(r))
	section("Queries", statements(queries))
	if p, ok := errors.AsType[*Panic](f.Err); ok {
		section("Stack", "<pre>"+esc(string(p.Stack))+"</pre>")
	}
	write("<p>This page is shown in development only. Elsewhere the client is told &ldquo;", esc(f.Message), "&rdquo;, and the log has the rest.</p>\n</main>\n</body>\n</html>\n")
	return b.String()
}

// chain lists the errors that err wraps.
func chain(err error) string {
	var rows [][2]string
	var walk func(error, int)
	walk = func(err error, depth int) {
		if err == nil || len(rows) == 20 {
			return
		}
		rows = append(rows, [2]string{strings.Repeat("· ", depth) + fmt.Sprintf("%T", err), err.Error()})
		switch u := err.(type) { //nolint:errorlint // it is the unwrapping
		case interface{ Unwrap() error }:
			walk(u.Unwrap(), depth+1)
		case interface{ Unwrap() []error }:
			for _, e := range u.Unwrap() {
				walk(e, depth+1)
			}
		}
	}
	walk(err, 0)
	return rowsOf(rows)
}

// secretHeader finds headers whose values are not shown even to developers: screens are
// shared.
var secretHeader = regexp.MustCompile(`(?i)cookie|authorization|token|secret|key`)

func request(r *http.Request) string {
	rows := [][2]string{{r.Method, r.URL.RequestURI()}, {"Host", r.Host}, {"Client", clientOf(r)}, {"Route", r.Pattern}, {"Handler", handlerOf(r)}, {"Request", RequestIDOf(r.Context())}}
	for _, name := range slices.Sorted(maps.Keys(r.Header)) {
		value := strings.Join(r.Header[name], ", ")
		if secretHeader.MatchString(name) {
			value = "***"
		}
		rows = append(rows, [2]string{name, value})
	}
	return rowsOf(rows)
}

func rowsOf(rows [][2]string) string {
	var b strings.Builder
	for _, row := range rows {
		if row[1] != "" {
			b.WriteString("<tr><td>" + html.EscapeString(row[0]) + "</td><td>" + html.EscapeString(row[1]) + "</td></tr>\n")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return "<table>\n" + b.String() + "</table>"
}

func statements(queries []Query) string {
	var rows [][2]string
	for _, q := range queries {
		mark := ""
		if q.Failed {
			mark = "✗ "
		}
		rows = append(rows, [2]string{mark + q.Duration, q.SQL + "  — " + q.At})
	}
	return rowsOf(rows)
}
