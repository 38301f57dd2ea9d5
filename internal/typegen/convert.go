package typegen

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

// ts is a TypeScript type.
type ts struct {
	text  string
	union bool // text has a | outside of brackets
	null  bool // or null
}

func (t ts) String() string {
	if t.null && t.text != "unknown" {
		return t.text + " | null"
	}
	return t.text
}

// part is the type as a part of a larger one, such as of a list.
func (t ts) part() string {
	if t.union || t.null && t.text != "unknown" {
		return "(" + t.String() + ")"
	}
	return t.text
}

func (t ts) orNull() ts { t.null = true; return t }

type tsField struct {
	name     string
	optional bool
	ts       ts
}

func (f tsField) String() string {
	mark := ""
	if f.optional {
		mark = "?"
	}
	return property(f.name) + mark + ": " + f.ts.String()
}

// object is a type with these fields.
func object(fields []tsField) ts {
	if len(fields) == 0 {
		return ts{text: "{}"}
	}
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.String()
	}
	return ts{text: "{ " + strings.Join(list, "; ") + " }"}
}

// converter makes TypeScript of Go types as encoding/json writes them; for forms, as
// [web.Bind] reads them.
type converter struct {
	program *Program
	app     map[*types.Package]bool // packages of the application
	named   map[key]*named
	order   []*named
	reading bool // a form

	at   token.Pos
	path string // what is being converted, for people
	errs []error
}

// key is a named type as it is written or as it is read.
type key struct {
	object   *types.TypeName
	instance string // of a generic type that is declared for these arguments only
	reading  bool
}

// named is a declaration of the output.
type named struct {
	key
	name       string // in TypeScript
	parameters []string
	isObject   bool
	fields     []tsField
	alias      ts
}

func newConverter(p *Program) *converter {
	c := &converter{program: p, app: map[*types.Package]bool{}, named: map[key]*named{}}
	for _, code := range p.packages {
		c.app[code.types] = true
	}
	return c
}

// form converts what a form is read into.
func (c *converter) form(t types.Type, at token.Pos) {
	c.reading, c.at, c.path = true, at, "form "+types.TypeString(t, types.RelativeTo(nil))
	if n, ok := types.Unalias(t).(*types.Named); ok {
		c.path = "form " + n.Obj().Name()
	}
	c.convert(t)
	c.reading = false
}

func (c *converter) fail(format string, args ...any) ts {
	c.errs = append(c.errs, &Problem{Place: c.program.place(c.at), Message: c.path + " " + fmt.Sprintf(format, args...), Advice: `give the field the tag json:"-", or another type`})
	return ts{text: "never"}
}

// convert returns the TypeScript of t.
func (c *converter) convert(t types.Type) ts {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		return c.namedType(t)
	case *types.Pointer:
		if n, ok := types.Unalias(t.Elem()).(*types.Named); ok && isType(n, webPath, "Upload") {
			return ts{text: "File", null: true}
		}
		return c.convert(t.Elem()).orNull()
	case *types.Basic:
		return c.basic(t)
	case *types.Slice:
		if isByte(t.Elem()) {
			return ts{text: "string", null: !c.reading}
		}
		item := c.convert(t.Elem())
		if item.text == "File" {
			item.null = false // an upload in a list is one that was sent
		}
		return ts{text: item.part() + "[]", null: !c.reading}
	case *types.Array:
		return ts{text: c.convert(t.Elem()).part() + "[]"}
	case *types.Map:
		return c.mapType(t)
	case *types.Struct:
		return object(c.fields(t))
	case *types.Interface:
		return ts{text: "unknown"}
	case *types.TypeParam:
		return ts{text: t.Obj().Name()}
	default:
		return c.fail("is a %s, which JSON does not have", t)
	}
}

func (c *converter) basic(t *types.Basic) ts {
	switch info := t.Info(); {
	case info&types.IsString != 0:
		return ts{text: "string"}
	case info&types.IsBoolean != 0:
		return ts{text: "boolean"}
	case info&(types.IsInteger|types.IsFloat) != 0:
		return ts{text: "number"}
	default:
		return c.fail("is a %s, which JSON does not have", t)
	}
}

func (c *converter) mapType(t *types.Map) ts {
	keys := "string"
	switch k := types.Unalias(t.Key()).(type) {
	case *types.Named:
		if b, ok := k.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 && !hasMethod(k, "MarshalText") {
			if enum := c.namedType(k); enum.text != "string" && c.enum(k) != nil {
				return ts{text: "Partial<Record<" + enum.text + ", " + c.convert(t.Elem()).String() + ">>", null: !c.reading}
			}
		} else if !ok && !hasMethod(k, "MarshalText") {
			return c.fail("is a map with keys of type %s, which JSON does not have", k)
		}
	case *types.Basic:
		if k.Info()&(types.IsString|types.IsInteger) == 0 {
			return c.fail("is a map with keys of type %s, which JSON does not have", k)
		}
	default:
	}
	return ts{text: "{ [key: " + keys + "]: " + c.convert(t.Elem()).String() + " }", null: !c.reading}
}

// namedType returns the name of a type, which is declared, or what it is where that is
// shorter.
func (c *converter) namedType(t *types.Named) ts {
	if known, ok := c.wellKnown(t); ok {
		return known
	}
	switch {
	case hasMethod(t, "MarshalJSON"):
		return ts{text: "unknown"}
	case hasMethod(t, "MarshalText"):
		if _, isInterface := t.Underlying().(*types.Interface); isInterface {
			return ts{text: "string", null: true}
		}
		return ts{text: "string"}
	}
	if _, isInterface := t.Underlying().(*types.Interface); isInterface {
		return ts{text: "unknown"}
	}
	if slice, ok := t.Underlying().(*types.Slice); ok && isByte(slice.Elem()) {
		return ts{text: "string", null: !c.reading}
	}
	arguments := t.TypeArgs()
	generic := true
	for a := range arguments.Types() {
		generic = generic && !isByte(a) // a list of bytes is text
	}
	if !generic {
		return ts{text: c.declare(t, instanceName(t)).token()}
	}
	text := c.declare(t.Origin(), "").token()
	if arguments.Len() > 0 {
		list := make([]string, arguments.Len())
		for i := range list {
			list[i] = c.convert(arguments.At(i)).String()
		}
		text += "<" + strings.Join(list, ", ") + ">"
	}
	return ts{text: text}
}

// instanceName is the name of a generic type with its arguments: PageOfRights.
func instanceName(t *types.Named) string {
	var b strings.Builder
	b.WriteString(t.Obj().Name() + "Of")
	for a := range t.TypeArgs().Types() {
		b.WriteString(upper(identifier(types.TypeString(a, func(*types.Package) string { return "" }))))
	}
	return b.String()
}

// lazy are the types of package inertia that hold a prop.
var lazy = map[string]bool{"Computed": true, "Deferred": true, "Optional": true, "Always": true, "Merge": true, "Once": true}

// wellKnown returns the types that are not what their fields say.
func (c *converter) wellKnown(t *types.Named) (ts, bool) {
	o := t.Obj()
	if o.Pkg() == nil { // error, any, comparable
		return ts{text: "unknown"}, true
	}
	switch path, name := o.Pkg().Path(), o.Name(); path {
	case "time":
		switch name {
		case "Time":
			return ts{text: "string"}, true
		case "Duration", "Month", "Weekday":
			return ts{text: "number"}, true
		}
	case "encoding/json":
		switch name {
		case "RawMessage":
			return ts{text: "unknown"}, true
		case "Number":
			return ts{text: "number"}, true
		}
	case "math/big":
		if name == "Int" {
			return ts{text: "number"}, true
		}
	case webPath:
		if name == "Upload" {
			return ts{text: "File"}, true
		}
	case inertiaPath:
		switch {
		case lazy[name]:
			return c.convert(t.TypeArgs().At(0)), true
		case name == "Batch", name == "Scroll": // whose list is never null
			return ts{text: "{ data: " + c.convert(t.TypeArgs().At(0)).part() + "[] }"}, true
		}
	}
	return ts{}, false
}

// sentLater reports whether a first visit leaves the prop out.
func (c *converter) sentLater(t types.Type) bool {
	n, ok := types.Unalias(t).(*types.Named)
	return ok && (isType(n, inertiaPath, "Deferred") || isType(n, inertiaPath, "Optional"))
}

// declare returns the declaration of a type, which is written at its first use.
func (c *converter) declare(t *types.Named, instance string) *named {
	_, isBasic := t.Underlying().(*types.Basic)
	k := key{t.Obj(), instance, c.reading && !isBasic} // which is the same in both directions
	if n, ok := c.named[k]; ok {
		return n
	}
	n := &named{key: k}
	c.named[k] = n
	c.order = append(c.order, n)
	if instance == "" {
		for p := range t.TypeParams().TypeParams() {
			n.parameters = append(n.parameters, p.Obj().Name())
		}
	}
	path := c.path
	switch u := t.Underlying().(type) {
	case *types.Struct:
		n.isObject = true
		n.fields = c.fields(u)
	case *types.Basic:
		if n.alias.text = strings.Join(c.enum(t), " | "); n.alias.text == "" {
			n.alias = c.basic(u)
		}
	default:
		n.alias = c.convert(u)
	}
	c.path = path
	return n
}

// hasMethod reports whether values or pointers of t have a method that returns text and
// an error.
func hasMethod(t types.Type, name string) bool {
	if _, isInterface := t.Underlying().(*types.Interface); !isInterface {
		t = types.NewPointer(t)
	}
	selection := types.NewMethodSet(t).Lookup(nil, name)
	if selection == nil {
		return false
	}
	s, ok := selection.Type().(*types.Signature)
	return ok && s.Params().Len() == 0 && s.Results().Len() == 2
}

func isByte(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.Uint8 && !hasMethod(t, "MarshalJSON") && !hasMethod(t, "MarshalText")
}
