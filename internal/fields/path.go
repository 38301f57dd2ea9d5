package fields

import "strconv"

// Path is the way to a value in an input, as messages about it have it: "email",
// "items.2.price".
type Path []Segment

// Segment is one part of a [Path]: a name, or without one the number of an entry.
type Segment struct {
	Name  string
	Index int
}

// String returns the parts with dots between them.
func (p Path) String() string {
	if len(p) == 1 && p[0].Name != "" {
		return p[0].Name
	}
	var b []byte
	for i, s := range p {
		if i > 0 {
			b = append(b, '.')
		}
		if s.Name != "" {
			b = append(b, s.Name...)
		} else {
			b = strconv.AppendInt(b, int64(s.Index), 10)
		}
	}
	return string(b)
}
