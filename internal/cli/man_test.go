package cli

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/kitgo/kit/console"
)

// Everything that help says is in the manual page.
func TestTheManualHasEveryCommandAndFlag(t *testing.T) {
	t.Parallel()
	root := command(console.IO{})
	page := manual(root)
	plain := strings.NewReplacer(`\-`, "-", `\e`, `\`, `\&`, "", `\fB`, "", `\fI`, "", `\fR`, "").Replace(page)
	for _, c := range root.Commands() {
		if !strings.Contains(plain, "kit "+c.Use+"\n") {
			t.Errorf("the manual has no kit %s", c.Use)
		}
		for _, line := range strings.Split(c.Example, "\n") {
			if c.GroupID != "app" && !strings.Contains(plain, line) {
				t.Errorf("the manual does not show %q", line)
			}
		}
		for _, flag := range regexp.MustCompile(`--[a-z-]+`).FindAllString(c.LocalFlags().FlagUsages(), -1) {
			if flag != "--help" && c.GroupID != "app" && !strings.Contains(plain, flag) {
				t.Errorf("the manual of kit %s has no %s", c.Name(), flag)
			}
		}
	}
	// A macro that there is not would vanish in man.
	for _, line := range strings.Split(page, "\n") {
		if macro, _, _ := strings.Cut(line, " "); strings.HasPrefix(macro, ".") && !strings.Contains(" .TH .SH .SS .PP .TP .B .I .nf .fi ", " "+macro+" ") {
			t.Errorf("the macro %s", macro)
		}
	}
	if groff, err := exec.LookPath("groff"); err == nil {
		c := exec.Command(groff, "-man", "-Tutf8", "-ww", "-z")
		c.Stdin = strings.NewReader(page)
		if out, err := c.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("groff: %v\n%s", err, out)
		}
	}
}
