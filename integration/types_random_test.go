package integration_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// randomTypes writes random Go types.
type randomTypes struct {
	*rand.Rand
	structs int // T0 to Tn-1 can be used
	fields  int
}

// randomProgram writes a program of random types that renders each as a page, and that
// prints random values of them as TypeScript.
func randomProgram(t *testing.T) string {
	t.Helper()
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} { // with all that the framework needs
		text, err := os.ReadFile(filepath.Join(newApplication(t), name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const types = 150
	g := &randomTypes{Rand: rand.New(rand.NewPCG(seed, seed))}
	var code, renders, prints strings.Builder
	for g.structs < types {
		n := g.structs
		fmt.Fprintf(&code, "type T%d struct {\n%s}\n\n", n, g.members(0))
		fmt.Fprintf(&renders, "\tcase %d:\n\t\treturn pages.Render(w, r, \"T%d\", T%d{})\n", n, n, n)
		fmt.Fprintf(&prints, "\tprint[T%d](r)\n", n)
		g.structs++
	}
	text := fmt.Sprintf(randomMain, seed, code.String(), renders.String(), prints.String())
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// members returns the fields of a struct.
func (g *randomTypes) members(depth int) string {
	var b strings.Builder
	if depth == 0 && g.structs > 0 && g.IntN(3) == 0 {
		fmt.Fprintf(&b, "%sT%d\n", g.pick("", "", "*"), g.IntN(g.structs))
	}
	for range g.IntN(6) {
		g.fields++
		name := fmt.Sprint("F", g.IntN(12), "_", g.fields) // some names differ only in their tag
		tag := ""
		switch g.IntN(4) {
		case 0:
			tag = fmt.Sprintf("json:%q", fmt.Sprint("f", g.IntN(30), g.pick("", ",omitempty", ",omitzero", ",string", ",omitempty,string")))
		case 1:
			tag = fmt.Sprintf("json:%q", g.pick(",omitempty", ",omitzero", ",string", "-", "a-b.c"))
		}
		if tag != "" {
			tag = " `" + tag + "`"
		}
		fmt.Fprintf(&b, "%s %s%s\n", name, g.typ(depth), tag)
	}
	return b.String()
}

// typ returns a type.
func (g *randomTypes) typ(depth int) string {
	if depth > 3 {
		return g.pick("string", "int")
	}
	switch g.IntN(14) {
	case 0:
		return "[]" + g.typ(depth+1)
	case 1:
		return "*" + g.typ(depth+1)
	case 2:
		return "map[" + g.pick("string", "int", "Status", "Key") + "]" + g.typ(depth+1)
	case 3:
		return "[2]" + g.typ(depth+1)
	case 4:
		return "struct {\n" + g.members(depth+1) + "}"
	case 5:
		return "Box[" + g.typ(depth+1) + "]"
	case 6:
		return "Both[" + g.typ(depth+1) + ", " + g.pick("Status", "int", "*bool") + "]"
	case 7, 8:
		if g.structs > 0 {
			return fmt.Sprint("T", g.IntN(g.structs))
		}
	}
	return g.pick("string", "int", "uint16", "float64", "bool", "[]byte", "any", "Status", "Level", "Rights", "Names", "Key",
		"time.Time", "*time.Time", "time.Duration", "json.RawMessage", "json.Number", "*big.Int", "Money", "Tree", "Text")
}

func (g *randomTypes) pick(list ...string) string { return list[g.IntN(len(list))] }

const randomMain = `package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"net/http"
	"reflect"
	"time"

	"github.com/kitgo/kit/inertia"
)

const seed = %d

type Status string

const (
	Draft  Status = "draft"
	Public Status = "public"
)

type Level int

const (
	Low Level = iota + 1
	High
)

type Rights uint8

const (
	Read Rights = 1 << iota
	Write
	Delete
)

type Names []string

// Key is text in JSON.
type Key struct{ n int }

func (k Key) MarshalText() ([]byte, error) { return fmt.Append(nil, "key", k.n), nil }

// Text is text by the method of its pointer... of its value.
type Text int

func (t Text) MarshalText() ([]byte, error) { return fmt.Append(nil, int(t)), nil }

type Money struct{ cents int }

func (m Money) MarshalJSON() ([]byte, error) { return json.Marshal([]int{m.cents}) }

type Tree struct {
	Name     string
	Children []Tree          ` + "`json:\"children,omitempty\"`" + `
	ByName   map[string]Tree ` + "`json:\"byName\"`" + `
	Parent   *Tree           ` + "`json:\"parent\"`" + `
}

type Box[T any] struct {
	Value T
	List  []T ` + "`json:\"list\"`" + `
	Maybe *T  ` + "`json:\"maybe,omitempty\"`" + `
}

type Both[A any, B any] struct {
	Box[A]
	Other B ` + "`json:\"other\"`" + `
}

%s

func render(pages *inertia.Renderer, w http.ResponseWriter, r *http.Request, n int) error {
	switch n {
%s	}
	return nil
}

// fill sets v to a random value, with few parts when it is deep.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Addr().Interface().(type) {
	case *time.Time:
		if r.IntN(3) > 0 {
			v.Set(reflect.ValueOf(time.Unix(r.Int64N(2e9), 0)))
		}
		return
	case *json.RawMessage:
		v.SetBytes([]byte([]string{"null", "1", "{\"a\": [true]}"}[r.IntN(3)]))
		return
	case *json.Number:
		v.SetString("12.5")
		return
	case **big.Int:
		if r.IntN(2) > 0 {
			v.Set(reflect.ValueOf(big.NewInt(r.Int64())))
		}
		return
	case *Status:
		v.SetString([]string{"draft", "public"}[r.IntN(2)])
		return
	case *Level:
		v.SetInt(1 + r.Int64N(2))
		return
	}
	empty := r.IntN(3) == 0 || depth > 6
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) > 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(r.Int64N(3))
	case reflect.Uint8, reflect.Uint16:
		v.SetUint(r.Uint64N(3))
	case reflect.Float64:
		v.SetFloat(float64(r.IntN(3)) / 2)
	case reflect.String:
		v.SetString([]string{"", "a", "\u2028</script>"}[r.IntN(3)])
	case reflect.Pointer:
		if !empty {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth+1)
		}
	case reflect.Slice:
		if r.IntN(4) > 0 {
			n := r.IntN(3)
			if empty {
				n = 0
			}
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i), depth+1)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(r, v.Index(i), depth+1)
		}
	case reflect.Map:
		if r.IntN(4) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range r.IntN(3) {
				if empty {
					break
				}
				key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
				fill(r, key, depth+1)
				fill(r, value, depth+1)
				v.SetMapIndex(key, value)
			}
		}
	case reflect.Interface:
		if !empty {
			v.Set(reflect.ValueOf(any([]any{nil, 1, "a"})))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				fill(r, f, depth+1)
			}
		}
	}
}

// print prints values of T, the zero one first if that is in the type.
func print[T any](r *rand.Rand) {
	name := reflect.TypeFor[T]().Name()
	for i := range 4 {
		var v T
		fill(r, reflect.ValueOf(&v).Elem(), i)
		text, err := json.Marshal(&v)
		if err != nil {
			panic(fmt.Sprint(name, ": ", err))
		}
		fmt.Printf("export const %%s_%%d: Pages['%%s'] = %%s\n", name, i, name, text)
	}
}

func main() {
	r := rand.New(rand.NewPCG(seed, 1))
%s}
`
