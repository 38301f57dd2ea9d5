//go:build measure

package integration_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMeasureGenerators prints how long generators take, as docs/benchmarks.md has it. Each
// runs some times, for another name each time, in one application; beside them is a
// command that does nothing, for what a process costs. Processor time is that of the
// command and of what it starts.
func TestMeasureGenerators(t *testing.T) {
	kit := kitCommand(t)
	dir := filepath.Join(t.TempDir(), "shop")
	if err := command(filepath.Dir(dir), kit, "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{
		"version", "make:model NAME title:string --migration --controller", "make:migration create_NAMEs_rows_table title:string", "make:controller NAMEReport --resource",
		"make:middleware NAME", "make:task NAME", "make:command NAME:run", "make:seeder NAME", "make:factory NAME", "make:test NAME", "make:action NAME", "make:error NAME",
		"make:inertia NAMEs/About", "make:crud NAMEThing title:string body:text",
	} {
		var wall, cpu []time.Duration
		for i := range 5 {
			p := exec.Command(kit, strings.Fields(strings.ReplaceAll(c, "NAME", "Word"+string(rune('A'+i))))...)
			p.Dir = dir
			begin := time.Now()
			if out, err := p.CombinedOutput(); err != nil {
				t.Fatalf("%s: %v\n%s", c, err, out)
			}
			wall = append(wall, time.Since(begin))
			cpu = append(cpu, p.ProcessState.UserTime()+p.ProcessState.SystemTime())
		}
		slices.Sort(wall)
		slices.Sort(cpu)
		fmt.Printf("%-55s median %6d ms, processor %6d ms\n", c, wall[len(wall)/2].Milliseconds(), cpu[len(cpu)/2].Milliseconds())
	}
}
