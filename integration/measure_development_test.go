//go:build measure

package integration_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestMeasureDevelopment prints what a developer waits for, for docs/benchmarks.md; it
// judges nothing. A save is timed from the write of the file to the first answer, or the
// first look at the page, that has it.
func TestMeasureDevelopment(t *testing.T) {
	const saves = 11
	d := develop(t)
	if err := command(d.dir, kitCommand(t), "migrate"); err != nil {
		t.Fatal(err)
	}
	row := func(name string, times []time.Duration) {
		slices.Sort(times)
		fmt.Printf("%-42s min %6d ms, median %6d ms, max %6d ms\n", name, times[0].Milliseconds(), times[len(times)/2].Milliseconds(), times[len(times)-1].Milliseconds())
	}

	before := cpuOf(t, d.cmd.Process.Pid)
	const idle = 30 * time.Second
	time.Sleep(10 * time.Second) // Vite and the type checker read everything at first
	time.Sleep(idle)
	spent := cpuOf(t, d.cmd.Process.Pid) - before
	var memory int64
	for _, pid := range append(descendants(t, d.cmd.Process.Pid), d.cmd.Process.Pid) {
		memory += residentMemory(t, pid)
	}
	fmt.Printf("kit serve, idle: %.2f %% of a CPU, %.0f MiB resident with the program and Vite\n", 100*spent.Seconds()/idle.Seconds(), float64(memory)/1024/1024)

	var goSaves, cpu []time.Duration
	last := "AppName:"
	for i := range saves {
		text := fmt.Sprintf("AppName: \"save %d \" +", i)
		spent, begin := cpuOf(t, d.cmd.Process.Pid), time.Now()
		d.edit(t, "controllers/home.go", last, text)
		d.untilHome(t, "at the save", fmt.Sprintf(`"appName":"save %d `, i))
		goSaves, cpu, last = append(goSaves, time.Since(begin)), append(cpu, cpuOf(t, d.cmd.Process.Pid)-spent), text
	}
	row("a Go file saved, to the first answer:", goSaves)
	row("  CPU time meanwhile, of all processes:", cpu)

	ctx, _ := browser(t)
	show(ctx, t, "opening the page", chromedp.Navigate(d.url))
	untilPage(ctx, t, "the page", shows("Beat now"))
	var pageSaves []time.Duration
	last = "Beat now"
	for i := range saves {
		text := fmt.Sprintf("Beat %d", i)
		begin := time.Now()
		d.edit(t, "frontend/src/pages/Home.tsx", last, text)
		seen := "document.body.innerText.includes('" + text + "')"
		show(ctx, t, "waiting for the component", chromedp.Evaluate[bool](
			"new Promise(done => { const look = () => "+seen+" ? done(true) : requestAnimationFrame(look); look() })", chromedp.EvalAwaitPromise))
		pageSaves, last = append(pageSaves, time.Since(begin)), text
		time.Sleep(time.Second) // Vite may overlook a file that is saved twice within some milliseconds
	}
	row("a component saved, to the changed page:", pageSaves)
	d.interrupt(t)

	kit := kitCommand(t)
	build := func(name string, vars ...string) {
		c := exec.Command(kit, "build")
		c.Dir, c.Env = d.dir, append(os.Environ(), vars...)
		begin := time.Now()
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		fmt.Printf("%-42s %6.1f s, %.1f s of CPU time\n", name, time.Since(begin).Seconds(), (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Seconds())
	}
	d.edit(t, "controllers/home.go", "AppName:", "AppName: \"built \" +")
	build("kit build, warm, after a Go change:")
	build("kit build, warm, nothing changed:")
	if err := os.RemoveAll(filepath.Join(d.dir, "frontend", "node_modules")); err != nil {
		t.Fatal(err)
	}
	build("kit build, without the frontend's packages:")
	build("kit build, with an empty compiler cache:", "GOCACHE="+t.TempDir())
}

// cpuOf is the CPU time of a process, of its descendants, and of those that have ended.
func cpuOf(t *testing.T, pid int) time.Duration {
	t.Helper()
	var total time.Duration
	for _, p := range append(descendants(t, pid), pid) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(p) + "/stat")
		if err != nil {
			continue // has ended meanwhile, and counts with its parent
		}
		// The fields behind the name, which may have spaces: utime stime cutime cstime are 14 to 17.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		for _, field := range fields[11:15] {
			ticks, err := strconv.Atoi(field)
			if err != nil {
				t.Fatal(err)
			}
			total += time.Duration(ticks) * 10 * time.Millisecond // of 100 Hz, as on every Linux
		}
	}
	return total
}
