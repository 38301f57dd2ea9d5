package cli

import (
	"os"
	"regexp"
	"testing"
)

// The tests of real applications install the versions that images get.
func TestTheTestedPackageManagersAreThoseOfImages(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile("../../scripts/test-tools")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range packageManagers {
		if m.version == "" {
			continue // npm comes with Node.js
		}
		if pinned := regexp.MustCompile(`\(` + m.name + `@([\d.]+)\)`).FindSubmatch(script); pinned == nil || string(pinned[1]) != m.version {
			t.Errorf("scripts/test-tools does not install %s@%s", m.name, m.version)
		}
	}
}
