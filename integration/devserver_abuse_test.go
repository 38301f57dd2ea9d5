package integration_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// interrupt presses Ctrl-C and checks that nothing of `kit serve` is left behind.
func (d *development) interrupt(t *testing.T) {
	t.Helper()
	started := descendants(t, d.cmd.Process.Pid)
	if len(started) == 0 {
		t.Fatal("kit serve has started nothing")
	}
	d.signal(syscall.SIGINT)
	if code := d.wait(30 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	for _, pid := range started {
		// One that has ended may wait for process 1 to take note of it.
		status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err := syscall.Kill(pid, 0); err == nil && !strings.Contains(string(status), "(zombie)") {
			t.Errorf("process %d is left behind:\n%s", pid, status)
		}
	}
}

// untilHome waits until the page has a text.
func (d *development) untilHome(t *testing.T, what, text string) {
	t.Helper()
	d.until(2*time.Minute, what, func() bool {
		code, body := d.get("/")
		return code == 200 && strings.Contains(body, text)
	})
}

// What people, editors, Git and the system do to a development server. Requests go on
// all the time: none may fail but while there is no program.
func TestDevelopmentUnderAbuse(t *testing.T) {
	t.Parallel()
	d := develop(t, "--backend-only", "--migrate")
	const name = "AppName:"
	d.untilHome(t, "serving", `"appName":"Shop"`)

	// Ten saves in a second: the last one counts, and not each of them is built.
	before := strings.Count(d.stdout.String(), "reloaded in")
	for i := range 10 {
		old := name
		if i > 0 {
			old = fmt.Sprintf("%s \"save %d \" +", name, i-1)
		}
		d.edit(t, "controllers/home.go", old, fmt.Sprintf("%s \"save %d \" +", name, i))
		time.Sleep(100 * time.Millisecond) // a person at work
	}
	d.untilHome(t, "at the last of ten saves", `"appName":"save 9 Shop"`)
	if n := strings.Count(d.stdout.String(), "reloaded in") - before; n > 8 {
		t.Errorf("ten saves within a second made %d programs", n)
	}

	// A branch that changes a hundred files, and back.
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)
		if err := command(d.dir, "git", args...); err != nil {
			t.Fatal(err)
		}
	}
	git("init", "--quiet", "--initial-branch=main")
	git("add", "--all")
	git("commit", "--quiet", "-m", "main")
	git("checkout", "--quiet", "-b", "other")
	for i := range 100 {
		file := filepath.Join(d.dir, "controllers", fmt.Sprintf("part%d.go", i))
		text := fmt.Sprintf("package controllers\n\n// Part%d is one of many.\nconst Part%d = %d\n", i, i, i)
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	d.edit(t, "controllers/home.go", name+" \"save 9 \" +", name+" fmt.Sprint(\"part \", Part99, \" \") +")
	d.edit(t, "controllers/home.go", "\"errors\"\n", "\"errors\"\n\t\"fmt\"\n")
	git("add", "--all")
	git("commit", "--quiet", "-m", "other")
	d.untilHome(t, "on the other branch", `"appName":"part 99 Shop"`)
	git("checkout", "--quiet", "main")
	d.untilHome(t, "on the first branch again", `"appName":"save 9 Shop"`)
	git("checkout", "--quiet", "other")
	d.untilHome(t, "on the other branch again", `"appName":"part 99 Shop"`)

	// A new migration, which --migrate runs.
	if err := command(d.dir, kitCommand(t), "make:migration", "create_posts_table", "title:string"); err != nil {
		t.Fatal(err)
	}
	d.until(2*time.Minute, "migrated", func() bool { return strings.Contains(d.stdout.String(), "_create_posts_table") })

	// The system kills the program. It is said, and the next save starts one.
	d.untilHome(t, "serving after the migration", `"appName":"part 99 Shop"`)
	killed := 0
	for _, pid := range descendants(t, d.cmd.Process.Pid) {
		if out, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output(); err == nil && strings.Contains(string(out), " serve --no-migrate ") {
			killed++
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		}
	}
	if killed == 0 {
		t.Fatal("there is no program to kill")
	}
	d.until(30*time.Second, "told that the program has ended", func() bool { return strings.Contains(d.stdout.String(), "the application has stopped") })
	d.edit(t, "controllers/home.go", "part ", "again ")
	d.untilHome(t, "serving again", `"appName":"again 99 Shop"`)

	// Somebody else has the port.
	port := d.url[strings.LastIndex(d.url, ":")+1:]
	second := startIn(t, d.dir, kitCommand(t), nil, "serve", "--backend-only", "--port", port)
	if code := second.wait(time.Minute); code != 69 || !strings.Contains(second.stderr.String(), "port "+port+" cannot be used") {
		t.Errorf("on a port that is taken: exit code %d\n%s", code, second.stderr)
	}
	d.interrupt(t)
}
