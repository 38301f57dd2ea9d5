package validate

import (
	"encoding/json"
	"errors"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"
	"unicode"
)

// textRules are the rules about the form of a text that take no argument.
var textRules = map[string]func(string) bool{
	"email":       isEmail,
	"url":         isURL,
	"uuid":        isUUID,
	"ip":          func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Zone() == "" },
	"ipv4":        func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() },
	"ipv6":        func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() && a.Zone() == "" },
	"cidr":        func(s string) bool { _, err := netip.ParsePrefix(s); return err == nil },
	"hostname":    isHostname,
	"alpha":       all(unicode.IsLetter, unicode.IsMark),
	"alphanum":    all(unicode.IsLetter, unicode.IsMark, unicode.IsDigit),
	"digits":      all(isDigit),
	"ascii":       all(func(r rune) bool { return r < 0x80 }),
	"slug":        isSlug,
	"lowercase":   func(s string) bool { return s == strings.ToLower(s) },
	"uppercase":   func(s string) bool { return s == strings.ToUpper(s) },
	"timezone":    isTimeZone,
	"json":        func(s string) bool { return json.Valid([]byte(s)) },
	"hexcolor":    isHexColor,
	"phone":       isPhone,
	"single_line": func(s string) bool { return !strings.ContainsAny(s, "\n\r\v\f\u0085\u2028\u2029") },
}

// all reports whether each character of a text is of one of the classes.
func all(classes ...func(rune) bool) func(string) bool {
	return func(s string) bool {
		for _, r := range s {
			ok := false
			for _, is := range classes {
				ok = ok || is(r)
			}
			if !ok {
				return false
			}
		}
		return true
	}
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func isHex(r rune) bool { return isDigit(r) || 'a' <= r|0x20 && r|0x20 <= 'f' }

// isEmail accepts an address as RFC 5322 writes it, without a name, with a domain
// that has a dot, and of at most the 254 characters of RFC 5321. Whether there is such
// a mailbox, only a mail to it can tell.
func isEmail(s string) bool {
	if len(s) > 254 || strings.ContainsAny(s, "<>\"\r\n ") {
		return false
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 {
		return false
	}
	domain := s[at+1:]
	if !isDotAtom(s[:at]) { // in quotes, or with letters of other alphabets
		a, err := mail.ParseAddress(s)
		if err != nil || a.Address != s {
			return false
		}
	}
	return at <= 64 && strings.Contains(domain, ".") && isDomain(domain)
}

// isDotAtom reports whether s is what stands before the @ of nearly all addresses: the
// dot-atom of RFC 5322.
func isDotAtom(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("!#$%&'*+/=?^_`{|}~-", c) >= 0:
		case c == '.' && i > 0 && i+1 < len(s) && s[i-1] != '.':
		default:
			return false
		}
	}
	return s != ""
}

// isDomain is isHostname for names that may have letters of all alphabets.
func isDomain(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			!all(unicode.IsLetter, unicode.IsMark, unicode.IsDigit, func(r rune) bool { return r == '-' })(label) {
			return false
		}
	}
	return true
}

// isURL accepts what a browser can be sent to; javascript: and its like are not.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.Opaque == ""
}

// isUUID accepts the form of RFC 9562.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, r := range s {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (r == '-') || !hyphen && !isHex(r) {
			return false
		}
	}
	return true
}

// isHostname accepts a name by RFC 1123.
func isHostname(s string) bool {
	return len(s) <= 253 && all(func(r rune) bool { return r < 0x80 })(s) && isDomain(s)
}

func isSlug(s string) bool {
	for part := range strings.SplitSeq(s, "-") {
		if part == "" || !all(isDigit, func(r rune) bool { return 'a' <= r && r <= 'z' })(part) {
			return false
		}
	}
	return true
}

// isTimeZone accepts a name of the time zone database. "Local" is the server's own.
func isTimeZone(s string) bool {
	if s == "Local" {
		return false
	}
	_, err := time.LoadLocation(s)
	return err == nil
}

func isHexColor(s string) bool {
	digits, ok := strings.CutPrefix(s, "#")
	n := len(digits)
	return ok && (n == 3 || n == 4 || n == 6 || n == 8) && all(isHex)(digits)
}

// isPhone accepts a number as ITU-T E.164 writes it, without spaces.
func isPhone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 7 && len(digits) <= 15 && digits[0] != '0' && all(isDigit)(digits)
}

// date checks a text by a layout of package time; without one, it is 2006-01-02.
func date(t reflect.Type, words []string, _ scope) (check, error) {
	layout := strings.Join(words, " ")
	if layout == "" {
		layout = time.DateOnly
	}
	example := time.Date(2026, 1, 31, 9, 30, 0, 0, time.UTC).Format(layout)
	if _, err := time.Parse(layout, example); err != nil || example == layout {
		return check{}, errors.New("it needs a layout of package time, such as 2006-01-02")
	}
	c := onText(t, func(s string) bool { _, err := time.Parse(layout, s); return err == nil })
	c.params = map[string]any{"example": example}
	return c, needsText(t)
}
