package modelgen

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// relate adds the relations that the foreign keys mean: first those that rows belong
// to, whose names the others depend on.
func relate(list []*model) {
	byTable := map[string]*model{}
	for _, m := range list {
		byTable[m.table.Name] = m
	}
	type edge struct {
		child, parent *model
		key           ForeignKey
		name          string // of the relation that the child has
	}
	var edges []edge
	count := map[[2]*model]int{}
	for _, child := range list {
		for _, key := range child.table.ForeignKeys {
			parent := byTable[key.Table]
			if parent == nil || !parent.isModel() || !child.isModel() || !key.inTags() || !parent.has(key.References) {
				continue
			}
			name := child.addBelongsTo(parent, key)
			edges = append(edges, edge{child, parent, key, name})
			count[[2]*model{child, parent}]++
		}
	}
	for _, e := range edges {
		if _, _, ok := e.child.pivot(byTable); !ok {
			e.parent.addHas(e.child, e.key, e.name, count[[2]*model{e.child, e.parent}] == 1)
		}
	}
	for _, m := range list {
		if a, b, ok := m.pivot(byTable); ok {
			byTable[a.Table].addManyToMany(m, byTable[b.Table], a, b)
			byTable[b.Table].addManyToMany(m, byTable[a.Table], b, a)
		}
	}
}

// inTags reports whether the names of the columns can stand in tags.
func (k ForeignKey) inTags() bool {
	return len(k.Columns) == len(k.References) && plain(slices.Concat(k.Columns, k.References)...)
}

func plain(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		return strings.ContainsFunc(name, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	})
}

func (m *model) has(columns []string) bool {
	return !slices.ContainsFunc(columns, func(name string) bool { return m.table.column(name) == nil })
}

// base returns the name of a foreign key without the end that says what the column
// holds, and whether it had one.
func base(key ForeignKey) (string, bool) {
	if len(key.Columns) != 1 {
		return "", false
	}
	list := words(key.Columns[0])
	if n := len(list); n > 1 && slices.Contains([]string{"id", "uuid", "ulid"}, list[n-1]) {
		return pascal(list[:n-1]), true
	}
	return "", false
}

func (m *model) addRelation(f field, kind string, left, right []string) string {
	f.bun = "rel:" + kind
	for i := range left {
		f.bun += ",join:" + left[i] + "=" + right[i]
	}
	return m.addNamed(f)
}

func (m *model) addNamed(f field) string {
	f.json = m.keys.free(snake(f.name)) + ",omitempty"
	m.relations = append(m.relations, f)
	return f.name
}

// addBelongsTo adds the row that a row refers to: Author for author_id, or else the
// name of its model.
func (m *model) addBelongsTo(parent *model, key ForeignKey) string {
	names := []string{parent.name, strings.Join(goNames(key.Columns), "") + parent.name}
	if name, ok := base(key); ok {
		names = []string{name, name + parent.name}
	}
	return m.addRelation(field{name: m.names.free(names...), typ: "*" + parent.name}, "belongs-to", key.Columns, key.References)
}

func goNames(columns []string) []string {
	var list []string
	for _, c := range columns {
		list = append(list, goName(c))
	}
	return list
}

// addHas adds the rows that refer to a row: Posts; if there are several such keys, with
// the other end's name in front: EditorPosts. The rows of a tree are Children.
func (m *model) addHas(child *model, key ForeignKey, name string, only bool) {
	prefix := ""
	if (!only || m == child) && name != m.name {
		prefix = name
	}
	if child.unique(key.Columns) {
		f := field{name: m.names.free(prefix+child.name, name+child.name), typ: "*" + child.name}
		m.addRelation(f, "has-one", key.References, key.Columns)
		return
	}
	names := []string{prefix + pluralName(child.name), name + pluralName(child.name)}
	if m == child && slices.Equal(key.Columns, []string{"parent_id"}) {
		names = append([]string{"Children"}, names...)
	}
	m.addRelation(field{name: m.names.free(names...), typ: "[]" + child.name}, "has-many", key.References, key.Columns)
}

// unique reports whether no two rows have the same values in columns.
func (m *model) unique(columns []string) bool {
	same := func(key []string) bool {
		return len(key) == len(columns) && !slices.ContainsFunc(key, func(c string) bool { return !slices.Contains(columns, c) })
	}
	return same(m.table.PrimaryKey) || slices.ContainsFunc(m.table.Unique, same)
}

// pivot returns the two foreign keys of a table that only connects rows: beside them it
// has at most an id and times. They lead to the primary keys, each of one column.
func (m *model) pivot(byTable map[string]*model) (a, b ForeignKey, ok bool) {
	keys := m.table.ForeignKeys
	if len(keys) != 2 || !plain(m.table.Name) {
		return a, b, false
	}
	rest := []string{"id", "created_at", "updated_at"}
	for _, k := range keys {
		parent := byTable[k.Table]
		if len(k.Columns) != 1 || !k.inTags() || parent == nil || parent == m || !parent.isModel() || !slices.Equal(k.References, parent.table.PrimaryKey) || m.unique(k.Columns) {
			return a, b, false
		}
		rest = append(rest, k.Columns[0])
	}
	for _, c := range m.table.Columns {
		if !slices.Contains(rest, c.Name) {
			return a, b, false
		}
	}
	return keys[0], keys[1], keys[0].Columns[0] != keys[1].Columns[0]
}

// addManyToMany adds the rows at the other end of a pivot: Tags, or if both ends are of
// one table, the name of the key to them: Followers for follower_id.
func (m *model) addManyToMany(pivot, other *model, near, far ForeignKey) {
	names := []string{pluralName(other.name), pluralName(pivot.name) + pluralName(other.name)}
	if m == other {
		name, ok := base(far)
		if !ok {
			name = goName(far.Columns[0]) + other.name
		}
		names = []string{pluralName(name), pluralName(pivot.name) + pluralName(name)}
	}
	m.addNamed(field{
		name: m.names.free(names...), typ: "[]" + other.name, bun: "-",
		kit: fmt.Sprintf("many-to-many,table:%s,join:%s=%s", pivot.table.Name, near.Columns[0], far.Columns[0]),
	})
}
