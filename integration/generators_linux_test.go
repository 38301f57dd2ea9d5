package integration_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// On a full disk, and on one that is read-only, a generator says so in a line, and every
// file is as it was.
func TestGeneratorsOnAFullOrReadOnlyDisk(t *testing.T) {
	t.Parallel()
	made := filepath.Join(t.TempDir(), "shop")
	if err := command(filepath.Dir(made), kitCommand(t), "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	d := newDisk(t, "2m")
	dir := filepath.Join(d.dir, "shop")
	on := func(script string, args ...string) result {
		return run(t, "nsenter", nil, slices.Concat(d.into, []string{"sh", "-c", script}, args)...)
	}
	if got := on(`cp -a "$0" "$1"`, made, d.dir); got.code != 0 {
		t.Fatal(got.stderr)
	}
	files := func() string {
		t.Helper()
		got := on(`cd "$0" && find . -exec stat -c '%n %A' {} + | sort && find . -type f -exec sha256sum {} + | sort`, dir)
		if got.code != 0 {
			t.Fatal(got.stderr)
		}
		return got.stdout
	}
	before := files()
	check := func(disk, reason string) {
		t.Helper()
		one := regexp.MustCompile(`^error: write [\w./]+: ` + reason + `; nothing was written\n(hint: make room [^\n]+\n)?$`)
		for _, list := range generators {
			got := on(`cd "$0" && exec "$@"`, slices.Concat([]string{dir, kitCommand(t)}, strings.Fields(list[0]))...)
			if got.code != 1 || !one.MatchString(got.stderr) || got.stdout != "" {
				t.Errorf("kit %s on a disk that is %s exits with %d:\n%s%s", list[0], disk, got.code, got.stdout, got.stderr)
			}
			if after := files(); after != before {
				t.Fatalf("kit %s on a disk that is %s changed files:\n%s", list[0], disk, after)
			}
		}
		got := on(`cd "$0" && exec "$1" new another --no-interaction --no-git`, d.dir, kitCommand(t))
		if got.code != 1 || strings.Count(got.stderr, "error: ") != 1 {
			t.Errorf("kit new on a disk that is %s exits with %d:\n%s%s", disk, got.code, got.stdout, got.stderr)
		}
		if left := on(`ls -A "$0"`, d.dir); strings.Contains(left.stdout, "another") || strings.Contains(left.stdout, ".kit") {
			t.Errorf("kit new on a disk that is %s leaves something:\n%s", disk, left.stdout)
		}
	}
	on(fmt.Sprintf("dd if=/dev/zero of=%s bs=4k", filepath.Join(d.dir, "full")))
	check("full", "no space left on device")
	d.remount("ro")
	check("read-only", "read-only file system")
}
