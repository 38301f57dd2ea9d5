package kit

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

// version and revision are set by the linker: kit build passes
// -ldflags "-X github.com/kitgo/kit.version=… -X github.com/kitgo/kit.revision=…".
var version, revision string

// build says what a binary was made from.
type build struct {
	Version, Revision, Go, Kit string
}

// buildVersion returns what the linker was told, else what the go command
// recorded in the binary.
func buildVersion() build {
	b := build{Version: version, Revision: revision, Kit: "devel"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return b
	}
	b.Go = info.GoVersion
	for _, dep := range info.Deps {
		if dep.Path == "github.com/kitgo/kit" && dep.Version != "v0.0.0" {
			b.Kit = dep.Version
		}
	}
	if b.Version == "" {
		b.Version = strings.Trim(info.Main.Version, "()")
	}
	if b.Version == "" {
		b.Version = "devel"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && b.Revision == "" {
			b.Revision = s.Value
		}
	}
	if b.Revision == "" {
		b.Revision = "unknown"
	}
	return b
}

func (p *program) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version and revision of this binary",
		Example: fmt.Sprintf("  %s version", p.name),
		RunE: func(c *cobra.Command, _ []string) error {
			b := buildVersion()
			_, err := fmt.Fprintf(p.stdio.Out, "%s %s\nrevision %s\nkit %s, %s\n", p.name, b.Version, b.Revision, b.Kit, b.Go)
			return err
		},
	}
}
