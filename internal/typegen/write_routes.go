package typegen

import (
	"bytes"
	"fmt"
	"strings"
)

// writeRoutes returns routes.ts.
func writeRoutes(routes []route) []byte {
	var b bytes.Buffer
	b.WriteString(header)
	b.WriteString("\nconst routes = {\n")
	for _, r := range routes {
		fmt.Fprintf(&b, "  %s: { method: %s, pattern: %s },\n", quote(r.name), quote(r.method), quote(r.pattern))
	}
	b.WriteString("} as const\n\ntype Parameters = {\n")
	for _, r := range routes {
		var list []string
		for _, name := range r.parameters() {
			list = append(list, property(strings.TrimSuffix(name, "..."))+": Parameter")
		}
		if len(list) > 0 {
			fmt.Fprintf(&b, "  %s: { %s }\n", quote(r.name), strings.Join(list, "; "))
		} else {
			fmt.Fprintf(&b, "  %s: Record<string, never>\n", quote(r.name))
		}
	}
	b.WriteString(routeFunction)
	return b.Bytes()
}

const routeFunction = `}

type Parameter = string | number

/** What comes behind the question mark of an address: lists repeat their name. */
export type Query = Record<string, Parameter | boolean | readonly (Parameter | boolean)[] | null | undefined>

export type RouteName = keyof typeof routes

type Arguments<Name extends RouteName> = Parameters[Name] extends Record<string, never>
  ? [parameters?: Parameters[Name], query?: Query]
  : [parameters: Parameters[Name], query?: Query]

/**
 * The address and method of a route, as Link, useForm and router take them:
 * route('posts.show', { id: 7 }). An unknown name or a missing parameter does not
 * compile.
 */
export function route<Name extends RouteName>(
  name: Name,
  ...[parameters, query]: Arguments<Name>
): { url: string; method: (typeof routes)[Name]['method'] } {
  const { method, pattern }: { method: (typeof routes)[Name]['method']; pattern: string } = routes[name]
  const values: Record<string, Parameter> = { ...parameters }
  const path = pattern.replace(/\{(\w+)(\.\.\.)?\}|\{\$\}/g, (_, key: string | undefined, rest: string | undefined) => {
    if (key === undefined) return ''
    const value = String(values[key])
    return rest ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
  })
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) {
    if (value === null || value === undefined) continue
    if (typeof value === 'object') for (const item of value) search.append(key, String(item))
    else search.append(key, String(value))
  }
  return { url: search.size > 0 ? ` + "`${path}?${search}`" + ` : path, method }
}
`
