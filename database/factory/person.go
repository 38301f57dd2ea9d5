package factory

import (
	"fmt"
	"strconv"
	"strings"
)

// FirstName returns a given name.
func (f *Fake) FirstName() string {
	f.first = f.of(firstNames)
	return f.first
}

// LastName returns a family name.
func (f *Fake) LastName() string {
	f.last = f.of(lastNames)
	return f.last
}

// Name returns a given and a family name.
func (f *Fake) Name() string { return f.FirstName() + " " + f.LastName() }

// Email returns an address at example.com, which nobody has (RFC 2606), such as
// ada.lovelace1.k7qx@example.com. It fits the name that was asked for before. No two
// rows of a factory have the same, and, by the mark at its end, rows of other factories
// and seeds have others.
func (f *Fake) Email() string {
	return f.username() + "@example.com"
}

// Username returns the part of an e-mail address before the @. It is as unique.
func (f *Fake) Username() string { return f.username() }

func (f *Fake) username() string {
	if f.first == "" {
		f.FirstName()
	}
	if f.last == "" {
		f.LastName()
	}
	name := strings.ToLower(f.first+"."+f.last) + strconv.FormatUint(f.number, 10) + "." + f.mark
	if f.emails++; f.emails > 1 { // of the same row
		name += "." + strconv.Itoa(f.emails)
	}
	return name
}

// Phone returns a number of the range +1 ...-555-01.., which is kept free for fiction.
func (f *Fake) Phone() string { return fmt.Sprintf("+1-%d-555-01%02d", f.Int(201, 989), f.Int(0, 99)) }

// Company returns the name of a company.
func (f *Fake) Company() string { return f.of(lastNames) + " " + f.of(companies) }

// Street returns a street with a number.
func (f *Fake) Street() string {
	return fmt.Sprintf("%d %s %s", f.Int(1, 199), f.of(lastNames), f.of(streets))
}

// City returns the name of a city.
func (f *Fake) City() string { return f.of(cities) }

// URL returns an address below example.com, which has no such pages (RFC 2606).
func (f *Fake) URL() string { return "https://" + f.Word() + ".example.com/" + f.Word() }
