package web

import (
	"bytes"
	"cmp"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kitgo/kit/internal/fields"
)

// node is what a form has under a name: values, files, or names below it.
type node struct {
	name   string
	values []string
	files  []*Upload
	below  []*node // as they came
	index  map[string]*node
	one    [1]string // of values: most fields have one
}

// manyNames is the number of names below a node from which on they are looked up in a
// map.
const manyNames = 16

// child returns the node of a name below n.
func (n *node) child(name string) *node {
	if n.index != nil {
		if c, ok := n.index[name]; ok {
			return c
		}
	} else {
		for _, c := range n.below {
			if c.name == name {
				return c
			}
		}
	}
	c := &node{name: name}
	c.values = c.one[:0]
	n.below = append(n.below, c)
	switch {
	case n.index != nil:
		n.index[name] = c
	case len(n.below) == manyNames:
		n.index = make(map[string]*node, 2*manyNames)
		for _, c := range n.below {
			n.index[c.name] = c
		}
	}
	return c
}

// blank reports whether n has nothing but empty values: a field that was left empty.
func (n *node) blank() bool {
	return len(n.below) == 0 && len(n.files) == 0 && !slices.ContainsFunc(n.values, func(v string) bool { return v != "" })
}

// at returns the node of names, which lie in each other.
func (n *node) at(names []string) *node {
	for _, name := range names {
		n = n.child(name)
	}
	return n
}

// split returns the parts of a field's name: of a, a.b, a[b], a[0].b, a[]. They are
// overwritten by the next call.
func (b *binding) split(name string) ([]string, error) {
	if b.count++; b.count > b.in.maxFields() {
		return nil, b.tooMany()
	}
	if !utf8.ValidString(name) {
		return nil, malformed("A name in the form is not in UTF-8.", nil)
	}
	parts := b.parts[:0]
	for more := true; more; {
		if len(parts) >= b.in.maxDepth() {
			return nil, b.tooDeep()
		}
		var part string
		part, name, more = next(name)
		parts = append(parts, part)
	}
	b.parts = parts
	return parts, nil
}

// next cuts the first part off a name. What is written in no way that it knows is one
// part: a field that no type has.
func next(name string) (part, rest string, more bool) {
	name = strings.TrimSuffix(name, "[]")
	if strings.HasPrefix(name, "[") {
		inside, after, closed := strings.Cut(name[1:], "]")
		switch {
		case closed && inside != "" && after == "":
			return inside, "", false
		case closed && inside != "" && after[0] == '[' && len(after) > 1:
			return inside, after, true
		case closed && inside != "" && after[0] == '.' && len(after) > 1:
			return inside, after[1:], true
		}
		return name, "", false
	}
	end := strings.IndexAny(name, ".[")
	switch {
	case end <= 0 || end+1 == len(name):
		return name, "", false
	case name[end] == '[':
		return name[:end], name[end:], true
	}
	return name[:end], name[end+1:], true
}

// add notes the value of a field.
func (b *binding) add(root *node, name, value string) error {
	parts, err := b.split(name)
	if err != nil {
		return err
	}
	n := root.at(parts)
	n.values = append(n.values, value)
	return nil
}

// pairs reads a query, or a form that is written like one.
func (b *binding) pairs(root *node, text string) error {
	for text != "" {
		var pair string
		pair, text, _ = strings.Cut(text, "&")
		if pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(key)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil || strings.Contains(pair, ";") {
			return malformed("The form or query is malformed.", err)
		}
		if err := b.add(root, name, value); err != nil {
			return err
		}
	}
	return nil
}

// query reads the query into v, for requests whose input it is.
func (b *binding) query(v reflect.Value) error {
	var root node
	if err := b.pairs(&root, b.r.URL.RawQuery); err != nil {
		return err
	}
	f := formReader{binding: b, lax: true}
	return f.value(b.shape, v, &root)
}

// outside reads the fields of v that come from the path and the query.
func (b *binding) outside(s *shape, v reflect.Value) error {
	for v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	var root node
	if err := b.pairs(&root, b.r.URL.RawQuery); err != nil {
		return err
	}
	b.count = 0
	f := formReader{binding: b, lax: true}
	for i := range s.fields {
		m := &s.fields[i]
		switch m.From {
		case "path":
			text := b.r.PathValue(m.Name)
			if text == "" {
				continue // of a route without it: a new row has no id yet
			}
			if err := m.shape.setParam(settable(v, m.Index), text); err != nil {
				return err
			}
			b.path = append(b.path, fields.Segment{Name: m.Name})
			b.given(settable(v, m.Index))
			b.path = b.path[:0]
		case "query":
			if i := slices.IndexFunc(root.below, func(n *node) bool { return n.name == m.Name }); i >= 0 {
				if err := f.member(m, v, root.below[i]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// urlencoded reads the body as a form.
func (b *binding) urlencoded(v reflect.Value) error {
	var root node
	if b.r.PostForm != nil { // somebody has read the body
		for _, name := range sortedKeys(b.r.PostForm) {
			for _, value := range b.r.PostForm[name] {
				if err := b.add(&root, name, value); err != nil {
					return err
				}
			}
		}
	} else {
		text := buffers.Get().(*bytes.Buffer)
		defer keepBuffer(text)
		if err := b.document(text); err != nil {
			return err
		}
		if err := b.pairs(&root, text.String()); err != nil {
			return err
		}
	}
	f := formReader{binding: b}
	return f.value(b.shape, v, &root)
}

// formReader puts what a form has into values.
type formReader struct {
	*binding
	lax bool // unknown fields are no mistakes
}

// value reads n into v.
func (f *formReader) value(s *shape, v reflect.Value, n *node) error {
	switch s.form {
	case formPointer:
		if len(f.path) > 0 && n.blank() {
			return nil
		}
		if v.IsNil() {
			v.Set(reflect.New(s.elem.typ))
		}
		return f.value(s.elem, v.Elem(), n)
	case formStruct:
		return f.structure(s, v, n)
	case formList, formArray:
		return f.list(s, v, n)
	case formMap:
		return f.entries(s, v, n)
	case formUpload:
		return f.upload(s, v, n)
	default:
		return f.scalar(s, v, n)
	}
}

func (f *formReader) scalar(s *shape, v reflect.Value, n *node) error {
	if len(n.below) > 0 || len(n.files) > 0 {
		return f.fail(&mistake{rule: s.typeRule()})
	}
	if len(n.values) > 1 && s.form != formBool {
		return f.fail(&mistake{rule: "type.one"})
	}
	// Of a checkbox and the hidden field before it, the last counts.
	text := n.values[len(n.values)-1]
	if s.form != formText && s.form != formAny {
		if text = strings.TrimSpace(text); text == "" {
			return nil // left empty
		}
	}
	if m := s.setText(v, text); m != nil {
		return f.fail(m)
	}
	f.given(v)
	return nil
}

func (f *formReader) structure(s *shape, v reflect.Value, n *node) error {
	if len(n.values) > 0 || len(n.files) > 0 {
		return f.fail(&mistake{rule: "type.object"})
	}
	for _, below := range n.below {
		name := below.name
		i, ok := s.byName[name]
		if ok {
			if err := f.member(&s.fields[i], v, below); err != nil {
				return err
			}
			continue
		}
		if f.lax || f.in.AllowUnknown || strings.HasPrefix(name, "_") {
			continue
		}
		leave := f.enter(named(name), "")
		err := f.fail(&mistake{rule: "unknown"})
		leave()
		if err != nil {
			return err
		}
	}
	if len(f.path) > 0 {
		f.given(v)
	}
	return nil
}

func (f *formReader) member(m *member, v reflect.Value, n *node) error {
	defer f.enter(fields.Segment{Name: m.Name}, m.label)()
	return f.value(m.shape, settable(v, m.Index), n)
}

// list reads the values or files of one name, or names that are numbers. Those only
// say the order: a list is not longer than what was sent.
func (f *formReader) list(s *shape, v reflect.Value, n *node) error {
	entries, ok := n.entries()
	if !ok {
		return f.fail(&mistake{rule: "type.list"})
	}
	if s.form == formArray && len(entries) != v.Len() {
		return f.fail(&mistake{"type.length", map[string]any{"count": strconv.Itoa(v.Len())}})
	}
	if s.form == formList {
		v.Set(reflect.MakeSlice(s.typ, len(entries), len(entries)))
	}
	for i, entry := range entries {
		leave := f.enter(fields.Segment{Index: i}, f.label)
		err := f.value(s.elem, v.Index(i), entry)
		leave()
		if err != nil {
			return err
		}
	}
	return nil
}

// entries returns what a list has; ok is false if n is none.
func (n *node) entries() (list []*node, ok bool) {
	if len(n.below) == 0 {
		for _, value := range n.values {
			if value != "" || len(n.values) > 1 {
				list = append(list, &node{values: []string{value}})
			}
		}
		for _, file := range n.files {
			list = append(list, &node{files: []*Upload{file}})
		}
		return list, true
	}
	if len(n.values) > 0 || len(n.files) > 0 {
		return nil, false
	}
	numbers := make(map[*node]int, len(n.below))
	for _, below := range n.below {
		number, err := strconv.Atoi(below.name)
		if err != nil || number < 0 {
			return nil, false
		}
		numbers[below] = number
	}
	list = slices.Clone(n.below)
	slices.SortStableFunc(list, func(a, b *node) int { return cmp.Compare(numbers[a], numbers[b]) })
	return list, true
}

func (f *formReader) entries(s *shape, v reflect.Value, n *node) error {
	if len(n.values) > 0 || len(n.files) > 0 {
		return f.fail(&mistake{rule: "type.object"})
	}
	v.Set(reflect.MakeMap(s.typ))
	for _, below := range n.below {
		name := below.name
		if len(f.path) == 0 && !f.lax && strings.HasPrefix(name, "_") {
			continue
		}
		leave := f.enter(named(name), f.label)
		key, entry := reflect.New(s.typ.Key()).Elem(), reflect.New(s.elem.typ).Elem()
		var err error
		if m := f.key(key, name); m != nil {
			err = f.fail(m)
		} else if err = f.value(s.elem, entry, below); err == nil {
			v.SetMapIndex(key, entry)
		}
		leave()
		if err != nil {
			return err
		}
	}
	return nil
}

func (f *formReader) upload(s *shape, v reflect.Value, n *node) error {
	switch {
	case len(n.below) > 0 || slices.ContainsFunc(n.values, func(value string) bool { return value != "" }):
		return f.fail(&mistake{rule: s.typeRule()})
	case len(n.files) > 1:
		return f.fail(&mistake{rule: "file.many"})
	case len(n.files) == 1 && n.files[0].unwanted:
		return f.fail(&mistake{rule: "unknown"})
	case len(n.files) == 1:
		v.Set(reflect.ValueOf(n.files[0]).Elem())
	}
	return nil
}

// sortedKeys returns the names of a form that was parsed, which has lost their order.
func sortedKeys(form url.Values) []string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
