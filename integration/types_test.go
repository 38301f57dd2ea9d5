package integration_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/kitgo/kit/internal/typegen"
)

// strictest is all that TypeScript can check, which is more than a new application wants.
const strictest = `{
		"extends": "../tsconfig.json",
		"compilerOptions": {"exactOptionalPropertyTypes": true, "noImplicitReturns": true, "noPropertyAccessFromIndexSignature": true, "types": []},
		"include": ["**/*.ts", "**/*.tsx"]
	}`

// compileTypeScript compiles files beside the packages of the frontend, as strictly as
// TypeScript can unless they have a tsconfig.json.
func compileTypeScript(t *testing.T, files map[string]string) (output string, err error) {
	t.Helper()
	frontend := filepath.Join(pagesFrontend(t), "frontend")
	dir, err := os.MkdirTemp(frontend, "types-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if files["tsconfig.json"] == "" {
		files["tsconfig.json"] = strictest
	}
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), filepath.Join(frontend, "node_modules", ".bin", "tsc"), "--noEmit", "-p", ".")
	c.Dir = dir
	text, err := c.CombinedOutput()
	return string(text), err
}

func TestTheTypesOfTheZooCompile(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range []string{"types.ts", "routes.ts"} {
		text, err := os.ReadFile(filepath.Join("..", "internal", "typegen", "testdata", "zoo", name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(text)
	}
	// What Link, useForm and router take, and what must not compile.
	files["use.tsx"] = `
import { Link, router, useForm, usePage } from '@inertiajs/react'
import { route } from './routes'
import type { Animal, Page, PageProps, SignUp } from './types'

export default function Index({ name, trees, blog, viewer, errors }: PageProps<'Zoo/Index'>) {
  const form = useForm<SignUp>(route('files.store', { rest: 'a/b' }), {
    name: '', born: null, tags: [], status: 'draft', photo: null, papers: [], address: { street: '' },
  })
  form.setData('address.street', 'Main Street')
  const first: string | undefined = trees.items?.[0]?.name
  const saved: string | number | undefined = usePage().flash.saved
  const shared: string | undefined = usePage().props.viewer?.name
  return (
    <Link href={route('animals.show', { id: 7 }, { page: 2, tags: ['a', 'b'], deep: true })} onClick={() => router.visit(route('home'))}>
      {name} {first} {saved} {shared} {blog.text} {viewer?.name} {errors['name']} {form.errors.name}
    </Link>
  )
}

export function strict(a: Animal): Page<number, string> {
  // @ts-expect-error: there is no such status
  a.status = 'lost'
  // @ts-expect-error: a level is not any number
  a.level = 7
  // @ts-expect-error: it may be null
  a.tags.length
  // @ts-expect-error: there is no such route
  route('nowhere')
  // @ts-expect-error: it needs an id
  route('animals.show')
  // @ts-expect-error: the parameter has another name
  route('animals.show', { number: 7 })
  return a.numbers
}

// @ts-expect-error: there is no such page
export type None = PageProps<'Zoo/None'>
`
	if output, err := compileTypeScript(t, files); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// The values of random Go types, as encoding/json writes them, are of the TypeScript
// types that are generated.
func TestRandomGoTypesInTypeScript(t *testing.T) {
	t.Parallel()
	dir := randomProgram(t)
	program, err := typegen.Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.Generate("")
	if err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", ".")
	run.Dir = dir
	values, err := run.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	files := map[string]string{"types.ts": string(out.Types), "values.ts": "import type { Pages } from './types'\n" + string(values)}
	if output, err := compileTypeScript(t, files); err != nil {
		t.Errorf("%v\n%s\n%s", err, output, out.Types)
	}
	// The check itself: a value of another type is found.
	files["values.ts"] += "export const wrong: keyof Pages = 'no such page'\n"
	if _, err := compileTypeScript(t, files); err == nil {
		t.Error("a wrong value compiles")
	}
}
