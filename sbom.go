package kit

import (
	"errors"
	neturl "net/url"
	"runtime/debug"
	"strings"

	"github.com/kitgo/kit/console"
)

// component is a part of a CycloneDX document, version 1.6:
// https://cyclonedx.org/docs/1.6/json/.
type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	PURL    string `json:"purl,omitempty"`
}

// printSBOM prints what is in the binary, for scanners. The same binary prints the same:
// there is no time and no random number in it.
func (p *program) printSBOM(app *App) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("the binary was built without information about its modules")
	}
	components := goComponents(info)
	if app.Pages != nil {
		packages, ok := app.Pages.Packages()
		if !ok {
			return &console.Error{
				Message: "the frontend's build does not list its packages",
				Advice:  "build it anew; the plugin for that in frontend/vite.config.ts is packages(), of frontend/packages.ts",
			}
		}
		for _, n := range packages {
			// The @ of a scope is escaped, the slash behind it is not.
			purl := "pkg:npm/" + strings.ReplaceAll(n.Name, "@", "%40") + "@" + neturl.PathEscape(n.Version)
			components = append(components, component{"library", purl, n.Name, n.Version, purl})
		}
	}
	b := buildVersion()
	return console.JSON(p.stdio.Out, map[string]any{
		"bomFormat":   "CycloneDX",
		"specVersion": "1.6",
		"version":     1,
		"metadata":    map[string]any{"component": component{Type: "application", Ref: info.Main.Path, Name: info.Main.Path, Version: b.Version}},
		"components":  components,
	})
}

// goComponents returns Go's library and the modules in a binary.
func goComponents(info *debug.BuildInfo) []component {
	version := strings.TrimPrefix(info.GoVersion, "go")
	purl := "pkg:golang/stdlib@" + version
	list := []component{{"library", purl, "stdlib", version, purl}}
	for _, m := range info.Deps {
		if m.Replace != nil && m.Replace.Version != "" {
			m = m.Replace // a fork; a folder has no name of its own
		}
		// Names are in lower case in these addresses.
		purl := "pkg:golang/" + strings.ToLower(m.Path) + "@" + neturl.PathEscape(m.Version)
		list = append(list, component{"library", purl, m.Path, m.Version, purl})
	}
	return list
}
