package database

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// URLError says that a URL names no database. It ends a program with the exit
// code 78, for bad configuration.
type URLError struct {
	URL     string // without its password
	Problem string // such as `port "80a" is not a number from 1 to 65535`
}

// Error names the variable DATABASE_URL, where applications have the URL.
func (e *URLError) Error() string { return fmt.Sprintf("DATABASE_URL=%q: %s", e.URL, e.Problem) }

// Hint says what is accepted.
func (*URLError) Hint() string {
	return "use postgres://user:password@host:5432/name, mysql://user:password@host:3306/name, sqlite://path/to/file.db or sqlite://:memory:"
}

// ExitCode returns 78.
func (*URLError) ExitCode() int { return 78 }

// schemes are the known ones, for messages. More forms are understood.
const schemes = "postgres://, mysql:// and sqlite://"

// parseURL returns the database that raw names, or a *URLError.
func parseURL(raw string) (target, error) {
	scheme, rest, found := strings.Cut(raw, "://")
	var t target
	var problem string
	switch {
	case raw == "":
		problem = "is empty"
	case !found:
		problem = "has no scheme; the known ones are " + schemes
	case scheme == "sqlite":
		t, problem = parseSQLite(rest)
	case scheme == "postgres" || scheme == "postgresql":
		t, problem = parsePostgres(raw, rest)
	case scheme == "mysql" || scheme == "mariadb":
		t, problem = parseMySQL(raw, rest)
	default:
		problem = fmt.Sprintf("unknown scheme %s://; the known ones are %s", scheme, schemes)
	}
	if problem != "" {
		return nil, &URLError{redact(raw), problem}
	}
	return t, nil
}

// secretParameter matches the parameters of a URL whose value is a secret.
var secretParameter = regexp.MustCompile(`(?i)([?&][a-z_]*(?:pass|secret|key)[a-z_]*=)[^&]*`)

// redact returns a URL without its password, also when it is not a valid URL: it
// takes everything up to the last @ for the user and the password.
func redact(raw string) string {
	start := 0
	if i := strings.Index(raw, "://"); i >= 0 {
		start = i + len("://")
	}
	if at := strings.LastIndexByte(raw, '@'); at >= start {
		if colon := strings.IndexByte(raw[start:at], ':'); colon >= 0 {
			raw = raw[:start+colon] + ":***" + raw[at:]
		}
	}
	return secretParameter.ReplaceAllString(raw, "${1}***")
}

// parsePostgres returns the database of a URL, or what is wrong with it.
func parsePostgres(raw, rest string) (target, string) {
	u, problem := serverURL(raw, rest)
	if problem != "" {
		return nil, problem
	}
	if strings.Trim(u.Path, "/") == "" && !u.Query().Has("dbname") {
		return nil, "has no database name after the host"
	}
	return newPostgres(raw)
}

// serverURL parses the URL of a server and checks what drivers would accept or
// explain badly. It returns a problem without any part of the password.
func serverURL(raw, rest string) (*url.URL, string) {
	authority, path := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	// A password with a slash in it ends the authority early. The part before
	// the slash must not be shown as a port.
	if !strings.Contains(authority, "@") && strings.Contains(path, "@") || strings.ContainsRune(path, '#') {
		return nil, "special characters in the user name or password must be percent-encoded, such as %2F for / and %23 for #"
	}
	host := authority[strings.LastIndexByte(authority, '@')+1:]
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		port := host[i+1:]
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Sprintf("port %q is not a number from 1 to 65535", port)
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		if strings.ContainsRune(raw, '%') {
			return nil, "a % must be followed by two hexadecimal digits; write %25 for the character itself"
		}
		return nil, "is not a valid URL; special characters in the user name and password must be percent-encoded"
	}
	return u, ""
}
