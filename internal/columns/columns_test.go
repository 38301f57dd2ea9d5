package columns_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/columns"
)

func TestDefinition(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"title":                          `t.String("title", 255)`,
		"title:unique":                   `t.String("title", 255).Unique()`,
		"title:string":                   `t.String("title", 255)`,
		"title:string:200":               `t.String("title", 200)`,
		"title:string:200:unique":        `t.String("title", 200).Unique()`,
		"publishedAt:timestamp:nullable": `t.Timestamp("published_at").Nullable()`,
		"code:char:2:index:nullable":     `t.Char("code", 2).Nullable().Index()`,
		"body:text":                      `t.Text("body")`,
		"price:decimal":                  `t.Decimal("price", 10, 2)`,
		"price:decimal:8,3:default=1.5":  `t.Decimal("price", 8, 3).Default(1.5)`,
		"year:INT:default=-1":            `t.Integer("year").Default(-1)`,
		"views:bigint":                   `t.BigInteger("views")`,
		"done:boolean:default=false":     `t.Bool("done").Default(false)`,
		"made:datetime:default=now":      `t.DateTime("made").UseCurrent()`,
		"state:enum:draft,done":          `t.Enum("state", "draft", "done")`,
		"state:enum:a,b:default=b":       `t.Enum("state", "a", "b").Default("b")`,
		"lang:string:2:default=de":       `t.String("lang", 2).Default("de")`,
		"greeting:default=a \"b\"":       `t.String("greeting", 255).Default("a \"b\"")`,
		"author:references":              `t.ForeignID("author_id").References("authors").Index()`,
		"author_id:references":           `t.ForeignID("author_id").References("authors").Index()`,
		"category:belongs_to:nullable":   `t.ForeignID("category_id").References("categories").Nullable().Index()`,
		"author:references:users":        `t.ForeignID("author_id").References("users").Index()`,
		"profile:references:unique":      `t.ForeignID("profile_id").References("profiles").Unique()`,
		"blogPost:references":            `t.ForeignID("blog_post_id").References("blog_posts").Index()`,
	} {
		list, err := columns.Parse([]string{arg})
		if err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		if got := list[0].Definition("t"); got != want {
			t.Errorf("%s is %s, want %s", arg, got, want)
		}
	}
}

// Every type makes a line, with and without what it is given.
func TestEveryTypeHasAMethod(t *testing.T) {
	t.Parallel()
	for _, name := range columns.Names() {
		arg := "x:" + name
		switch name {
		case "char":
			arg += ":2"
		case "enum":
			arg += ":a,b"
		}
		list, err := columns.Parse([]string{arg})
		if err != nil {
			t.Errorf("%s: %v", arg, err)
		} else if list[0].Type.String() != name || !list[0].Typed() {
			t.Errorf("%s has the type %s", arg, list[0].Type)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                                   "its name is empty",
		":string":                            "its name is empty",
		"2fa":                                "does not begin with a letter",
		"two words:string":                   "has the character ' '",
		"a/b:string":                         "has the character '/'",
		"größe:integer":                      "has the character 'ö'",
		"title:strin":                        `no type "strin"; did you mean string?`,
		"title:whatever":                     `no type "whatever"; the types are string, char, text`,
		"title:string:many":                  `"many" is not a number of characters`,
		"title:string:0":                     "is not a number of characters",
		"title:text:200":                     `"200" is no modifier; the modifiers are nullable`,
		"title:string:200:uniqe":             `"uniqe" is no modifier; did you mean unique?`,
		"code:char":                          "needs more; such as code:char:2",
		"state:enum":                         "needs more; such as state:enum:draft,published",
		"state:enum:a,,b":                    "one of its values is empty",
		"state:enum:a,b,a":                   `it has the value "a" twice; such as state:enum:draft,published`,
		"title:uniqe":                        `no type "uniqe"; did you mean unique?`,
		"title:string:uniqe":                 `"uniqe" is not a number of characters; did you mean unique?`,
		"title:string:nulable":               `"nulable" is not a number of characters; did you mean nullable?`,
		"price:decimal:indx":                 "after its point; did you mean index?",
		"body:text:unqiue":                   `"unqiue" is no modifier; did you mean unique?`,
		"body:text:unique:nullable":          "cannot have an index; the modifiers are nullable",
		"state:enum:a,b:nullable:default=c":  `"c" cannot be the default`,
		"price:decimal:10":                   "are not the digits",
		"price:decimal:2,3":                  "are not the digits",
		"price:float:default=Inf":            `"Inf" cannot be the default`,
		"n:integer:default=1.5":              "cannot be the default",
		"body:text:default=x":                "cannot be the default of a column of the type text",
		"body:text:unique":                   "a column of the type text cannot have an index",
		"title title:text":                   "there is a column title already",
		"author:references author_id:bigint": "there is a column author_id already",
		strings.Repeat("a", 41):              "longer than 40 characters",
	} {
		split := strings.Fields(args)
		if args == "" || strings.Contains(args, "two words") {
			split = []string{args}
		}
		_, err := columns.Parse(split)
		e, ok := errors.AsType[*columns.Error](err)
		if !ok {
			t.Errorf("%q: error %v", args, err)
			continue
		}
		if got := e.Error() + "; " + e.Hint(); !strings.Contains(got, want) {
			t.Errorf("%q: %s, want %s", args, got, want)
		}
	}
}
