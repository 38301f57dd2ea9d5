package vite

import (
	"fmt"
	"html"
	"strings"
)

// Development stands for the frontend as Vite's development server has it, at an address
// such as http://localhost:5173, or a path when that server answers below it at the
// address of the application. It has no files: the browser loads them from there.
func Development(server string) *Build {
	return &Build{server: strings.TrimRight(server, "/")}
}

// developmentTags loads entry from the development server, with the client that swaps
// modules. The first script is what @vitejs/plugin-react wants when a page is not Vite's.
func (b *Build) developmentTags(entry string) string {
	server := html.EscapeString(b.server)
	return fmt.Sprintf(`<script type="module">
import RefreshRuntime from %q
RefreshRuntime.injectIntoGlobalHook(window)
window.$RefreshReg$ = () => {}
window.$RefreshSig$ = () => (type) => type
window.__vite_plugin_react_preamble_installed__ = true
</script>
<script type="module" src="%s/@vite/client"></script>
<script type="module" src="%s/%s"></script>
`, server+"/@react-refresh", server, server, html.EscapeString(entry))
}
