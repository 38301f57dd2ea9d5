package devserver

import (
	"os"
	"os/exec"
	"strconv"
)

func group(*exec.Cmd) {}

func terminate(p *os.Process) { kill(p) }

// kill ends the process with what it has started.
func kill(p *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
}
