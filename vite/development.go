package vite

import (
	_ "embed"
	"fmt"
	"html"
	"strings"
)

// Development stands for the frontend as Vite's development server has it, at an address
// such as http://localhost:5173, or a path when that server answers below it at the
// address of the application. It has no files: the browser loads them from there.
//
// A page says so when that server does not answer, and shows the errors that nothing has
// caught: of a component that throws, or of a page that has none.
func Development(server string) *Build {
	return &Build{server: strings.TrimRight(server, "/")}
}

// silent tells that the development server does not answer.
//
//go:embed silent.js
var silent string

// developmentTags loads entry from the development server, with the client that swaps
// modules. The second script is what @vitejs/plugin-react wants when a page is not
// Vite's.
func (b *Build) developmentTags(entry string) string {
	server := html.EscapeString(b.server)
	return fmt.Sprintf(`<script>
%s</script>
<script type="module">
import RefreshRuntime from %q
RefreshRuntime.injectIntoGlobalHook(window)
window.$RefreshReg$ = () => {}
window.$RefreshSig$ = () => (type) => type
window.__vite_plugin_react_preamble_installed__ = true
</script>
<script type="module">
import { ErrorOverlay } from %q
const show = (error) => {
	if (!(error instanceof Error)) return
	document.querySelector('vite-error-overlay')?.remove()
	document.body.append(new ErrorOverlay(error))
}
addEventListener('error', (event) => show(event.error))
addEventListener('unhandledrejection', (event) => show(event.reason))
</script>
<script type="module" src="%s/@vite/client"></script>
<script type="module" src="%s/%s"></script>
`, silent, server+"/@react-refresh", server+"/@vite/client", server, server, html.EscapeString(entry))
}
