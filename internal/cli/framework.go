package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"
)

// framework returns what the applications made by this command require: the
// version that it was installed as, or the checkout that it was built from.
func framework() (scaffold.Kit, error) {
	if dir := checkoutDir(); dir != "" {
		return scaffold.Kit{Version: "v0.0.0", Dir: dir}, nil
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path == kitModule && semver.IsValid(info.Main.Version) {
		return scaffold.Kit{Version: info.Main.Version}, nil
	}
	return scaffold.Kit{}, &console.Error{
		Message: "this kit command does not know where the framework is: the checkout that it was built from is gone",
		Advice:  "install it anew: go install " + kitModule + "/cmd/kit@latest",
	}
}

// checkoutDir returns the directory of the framework that this command was built
// from; "" if that was a published module, or is not there any more.
func checkoutDir() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok || !filepath.IsAbs(file) {
		return "" // built with -trimpath, as published binaries are
	}
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if strings.Contains(dir, "@") && strings.Contains(filepath.ToSlash(dir), "/"+kitModule+"@") {
		return "" // the module cache
	}
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || modfile.ModulePath(text) != kitModule {
		return ""
	}
	return dir
}

func versionCommand(stdio console.IO) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Show the version of this command",
		Example: "  kit version",
		RunE:    func(*cobra.Command, []string) error { return printVersion(stdio.Out) },
	}
}

// printVersion prints the version of this command, and of what it was built.
func printVersion(out io.Writer) error {
	info, ok := debug.ReadBuildInfo()
	version, revision, goVersion := "devel", "unknown", runtime.Version()
	if ok {
		if semver.IsValid(info.Main.Version) {
			version = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	lines := []string{"kit " + version, "revision " + revision, goVersion + " " + runtime.GOOS + "/" + runtime.GOARCH}
	if dir := checkoutDir(); dir != "" {
		lines = append(lines, "framework "+dir)
	}
	_, err := io.WriteString(out, strings.Join(lines, "\n")+"\n")
	return err
}
