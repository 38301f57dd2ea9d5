package cli

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/kitgo/kit/console"
)

// Every command of an application can be given to kit, but for those that kit has itself.
func TestTheApplicationsCommands(t *testing.T) {
	t.Parallel()
	help, err := os.ReadFile("../../testdata/help.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"serve", "doctor", "version", "help", "completion"}
	for _, c := range appCommands(console.IO{}) {
		known = append(known, c.Name())
	}
	names := regexp.MustCompile(`(?m)^\$ app help (\S+)$`).FindAllSubmatch(help, -1)
	if len(names) < 20 {
		t.Fatalf("%d commands", len(names))
	}
	for _, name := range names {
		if !slices.Contains(known, string(name[1])) {
			t.Errorf("kit does not know the application's %s", name[1])
		}
	}
}
