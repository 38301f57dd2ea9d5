package fields

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

type base struct {
	ID   int64 `path:"id" json:"-"`
	Name string
	Kind string `json:"kind"`
}

type Meta struct {
	At   time.Time `json:"at"`
	Note string    `json:"note,omitempty"`
	*Meta
}

type form struct {
	base
	*Meta
	Named  Meta   `json:"named"`
	Name   string `json:"Name"`
	Page   int    `query:"page"`
	Secret string `json:"-"`
	hidden int
}

func TestNames(t *testing.T) {
	t.Parallel()
	list, err := Of(reflect.TypeFor[form]())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range list {
		got = append(got, strings.TrimSpace(f.Name+" "+f.From))
	}
	if want := "id path,Name,kind,at,note,named,page query"; strings.Join(got, ",") != want {
		t.Errorf("the fields are %s, want %s", strings.Join(got, ","), want)
	}
	if list[1].Go != "Name" || len(list[1].Index) != 1 {
		t.Errorf("Name is the embedded one: %+v", list[1])
	}
	v := reflect.ValueOf(form{base: base{Kind: "a"}, hidden: 1})
	if kind, ok := At(v, list[2].Index); !ok || kind.String() != "a" {
		t.Errorf("kind is %v, %v", kind, ok)
	}
	if _, ok := At(v, list[3].Index); ok {
		t.Error("a field of a nil pointer is there")
	}
}

func TestAmbiguousNames(t *testing.T) {
	t.Parallel()
	text := reflect.TypeFor[string]()
	twice := reflect.StructOf([]reflect.StructField{{Name: "A", Type: text, Tag: `json:"a"`}, {Name: "B", Type: text, Tag: `json:"a"`}})
	if _, err := Of(twice); err == nil || !strings.Contains(err.Error(), `two fields with the name "a": A and B`) {
		t.Errorf("the error is %v", err)
	}
	type outer struct{ *base }
	if _, err := Of(reflect.TypeFor[outer]()); err == nil || !strings.Contains(err.Error(), "embed it without the pointer") {
		t.Errorf("the error is %v", err)
	}
}
