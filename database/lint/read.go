package lint

import (
	"strings"

	"github.com/kitgo/kit/internal/sqltext"
)

// kind is what an operation does.
type kind int

const (
	createTable kind = iota
	dropTable
	renameTable
	addColumn
	dropColumn
	renameColumn
	changeType
	setNotNull
	createIndex
	dropIndex
	addForeignKey
	addCheck
	addUnique
	addPrimaryKey
	dropPrimaryKey
	validate
	convertCharset
	truncate
	deleteAll
	updateAll
	dropType
	renameValue
	lockTable
)

// operation is a part of a statement that a rule may be about.
type operation struct {
	kind  kind
	table string
	name  string // of the column or the constraint; the new name when something is renamed
	old   string // of a column that is renamed

	unique, concurrently bool
	notValid             bool // a constraint that is not checked yet
	usingIndex           bool // a constraint that takes an index over
	definition           words
}

// words are the tokens of a statement that are still to be read.
type words []sqltext.Token

// take reads words in their order, if they are the next ones.
func (w *words) take(texts ...string) bool {
	if len(*w) < len(texts) {
		return false
	}
	for i, text := range texts {
		t := (*w)[i]
		if !t.Is(text) && (t.Kind != sqltext.Symbol || t.Text != text) {
			return false
		}
	}
	*w = (*w)[len(texts):]
	return true
}

// skip reads each of some sequences of words that comes next.
func (w *words) skip(sequences ...string) {
	for _, s := range sequences {
		w.take(strings.Fields(s)...)
	}
}

// name reads a name, of which it returns the part after the last point.
func (w *words) name() string {
	name := ""
	for len(*w) > 0 && ((*w)[0].Kind == sqltext.Word || (*w)[0].Kind == sqltext.Name) {
		name = (*w)[0].Text
		*w = (*w)[1:]
		if !w.take(".") {
			break
		}
	}
	return name
}

// has reports whether some words are there in sequence, outside of parentheses.
func (w words) has(texts ...string) bool {
	depth := 0
	for i, t := range w {
		if t.Kind == sqltext.Symbol {
			switch t.Text {
			case "(":
				depth++
			case ")":
				depth--
			}
		}
		rest := w[i:]
		if depth == 0 && rest.take(texts...) {
			return true
		}
	}
	return false
}

// parts returns what commas separate, outside of parentheses.
func (w words) parts() []words {
	var list []words
	depth, start := 0, 0
	for i, t := range w {
		if t.Kind != sqltext.Symbol {
			continue
		}
		switch t.Text {
		case "(":
			depth++
		case ")":
			depth--
		case ",":
			if depth == 0 {
				list = append(list, w[start:i])
				start = i + 1
			}
		}
	}
	return append(list, w[start:])
}

// read returns the operations of a statement; none when it is of no interest.
func read(tokens []sqltext.Token) []operation {
	w := words(tokens)
	switch {
	case w.take("CREATE"):
		return readCreate(w)
	case w.take("DROP"):
		return readDrop(w)
	case w.take("ALTER", "TYPE"):
		name := w.name()
		if w.take("RENAME", "VALUE") {
			return []operation{{kind: renameValue, table: name}}
		}
	case w.take("ALTER"):
		w.skip("IGNORE", "ONLINE")
		if w.take("TABLE") {
			return readAlter(w)
		}
	case w.take("RENAME", "TABLE"):
		var list []operation
		for _, part := range w.parts() {
			o := operation{kind: renameTable, table: part.name()}
			part.skip("TO")
			o.name = part.name()
			list = append(list, o)
		}
		return list
	case w.take("TRUNCATE"):
		w.skip("TABLE", "ONLY")
		var list []operation
		for _, part := range w.parts() {
			list = append(list, operation{kind: truncate, table: part.name()})
		}
		return list
	case w.take("DELETE", "FROM"):
		w.skip("ONLY")
		if !w.has("WHERE") && !w.has("USING") {
			return []operation{{kind: deleteAll, table: w.name()}}
		}
	case w.take("UPDATE"):
		w.skip("ONLY", "LOW_PRIORITY", "IGNORE")
		if !w.has("WHERE") && w.has("SET") {
			return []operation{{kind: updateAll, table: w.name()}}
		}
	case w.take("LOCK"):
		w.skip("TABLES", "TABLE", "ONLY")
		return []operation{{kind: lockTable, table: w.name()}}
	}
	return nil
}

func readCreate(w words) []operation {
	w.skip("OR REPLACE")
	if w.take("TEMPORARY") || w.take("TEMP") || w.take("LOCAL") || w.take("GLOBAL") {
		w.skip("TEMPORARY", "TEMP")
	}
	w.skip("UNLOGGED", "VIRTUAL", "FOREIGN")
	if w.take("TABLE") {
		w.skip("IF NOT EXISTS")
		return []operation{{kind: createTable, table: w.name()}}
	}
	o := operation{kind: createIndex, unique: w.take("UNIQUE")}
	w.skip("FULLTEXT", "SPATIAL")
	if !w.take("INDEX") {
		return nil
	}
	o.concurrently = w.take("CONCURRENTLY")
	w.skip("IF NOT EXISTS")
	if !w.take("ON") {
		o.name = w.name()
		for len(w) > 0 && !w.take("ON") { // USING BTREE
			w = w[1:]
		}
	}
	w.skip("ONLY")
	o.table = w.name()
	return []operation{o}
}

func readDrop(w words) []operation {
	switch {
	case w.take("TABLE"):
		w.skip("IF EXISTS")
		var list []operation
		for _, part := range w.parts() {
			list = append(list, operation{kind: dropTable, table: part.name()})
		}
		return list
	case w.take("INDEX"):
		o := operation{kind: dropIndex, concurrently: w.take("CONCURRENTLY")}
		w.skip("IF EXISTS")
		o.name = w.name()
		if w.take("ON") {
			o.table = w.name()
		}
		return []operation{o}
	case w.take("SCHEMA"), w.take("TYPE"), w.take("DOMAIN"), w.take("DATABASE"):
		w.skip("IF EXISTS")
		return []operation{{kind: dropType, table: w.name()}}
	}
	return nil
}

func readAlter(w words) []operation {
	w.skip("IF EXISTS", "ONLY")
	table := w.name()
	w.skip("*")
	var list []operation
	for _, action := range w.parts() {
		for _, o := range readAction(action) {
			o.table = table
			list = append(list, o)
			if o.kind == renameTable {
				table = o.name
			}
		}
	}
	return list
}

// readAction reads one action of ALTER TABLE.
func readAction(w words) []operation {
	switch {
	case w.take("ADD"):
		return readAdd(w)
	case w.take("DROP"):
		switch {
		case w.take("PRIMARY", "KEY"):
			return []operation{{kind: dropPrimaryKey}}
		case w.take("CONSTRAINT"), w.take("INDEX"), w.take("KEY"), w.take("FOREIGN"), w.take("CHECK"), w.take("PARTITION"):
			return nil
		}
		w.skip("COLUMN", "IF EXISTS")
		return []operation{{kind: dropColumn, name: w.name()}}
	case w.take("RENAME"):
		if w.take("INDEX") || w.take("KEY") || w.take("CONSTRAINT") {
			return nil
		}
		if w.take("TO") || w.take("AS") {
			return []operation{{kind: renameTable, name: w.name()}}
		}
		w.skip("COLUMN")
		o := operation{kind: renameColumn, old: w.name()}
		w.skip("TO")
		o.name = w.name()
		return []operation{o}
	case w.take("ALTER"):
		if w.take("INDEX") || w.take("CONSTRAINT") || w.take("CHECK") {
			return nil
		}
		w.skip("COLUMN")
		name := w.name()
		w.skip("SET DATA")
		if w.take("TYPE") {
			return []operation{{kind: changeType, name: name, definition: w}}
		}
		if w.take("SET", "NOT", "NULL") {
			return []operation{{kind: setNotNull, name: name}}
		}
	case w.take("MODIFY"):
		w.skip("COLUMN", "IF EXISTS")
		return []operation{{kind: changeType, name: w.name(), definition: w}}
	case w.take("CHANGE"):
		w.skip("COLUMN", "IF EXISTS")
		o := operation{kind: renameColumn, old: w.name()}
		o.name = w.name()
		if strings.EqualFold(o.old, o.name) {
			return []operation{{kind: changeType, name: o.name, definition: w}}
		}
		return []operation{o, {kind: changeType, name: o.old, definition: w}}
	case w.take("VALIDATE", "CONSTRAINT"):
		return []operation{{kind: validate, name: w.name()}}
	case w.take("CONVERT", "TO"):
		return []operation{{kind: convertCharset}}
	}
	return nil
}

// readAdd reads what ALTER TABLE … ADD adds.
func readAdd(w words) []operation {
	var o operation
	if w.take("CONSTRAINT") {
		w.skip("IF NOT EXISTS")
		if len(w) > 0 && !w[0].Is("FOREIGN", "PRIMARY", "UNIQUE", "CHECK") {
			o.name = w.name()
		}
	}
	o.notValid, o.usingIndex = w.has("NOT", "VALID"), w.has("USING", "INDEX")
	switch {
	case w.take("FOREIGN", "KEY"):
		o.kind = addForeignKey
	case w.take("PRIMARY", "KEY"):
		o.kind = addPrimaryKey
	case w.take("UNIQUE"):
		o.kind = addUnique
	case w.take("CHECK"):
		o.kind = addCheck
	case w.take("INDEX"), w.take("KEY"), w.take("FULLTEXT"), w.take("SPATIAL"), w.take("EXCLUDE"), w.take("PARTITION"), w.take("GENERATED"), w.take("PERIOD"), w.take("SYSTEM"):
		return nil
	default:
		w.skip("COLUMN", "IF NOT EXISTS")
		if !w.take("(") { // MySQL: several in parentheses
			o.kind, o.name, o.definition = addColumn, w.name(), w
			return []operation{o}
		}
		var list []operation
		for _, part := range w[:len(w)-1].parts() {
			list = append(list, operation{kind: addColumn, name: part.name(), definition: part})
		}
		return list
	}
	return []operation{o}
}
