//go:build unix

package dbtest

import (
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
)

// watchdog is what ends a server. It waits for the end of its standard input,
// which comes when the test process closes it or dies, then ends the server whose
// folder is $1 with the signal $2, frozen or not, and removes the folder.
//
// A dead process that nobody has waited for yet still has its number; where the
// first process of a container waits for nobody, it keeps it for ever.
const watchdog = `
trap '' INT TERM HUP
read -r _
runs() {
	kill -0 "$1" 2>/dev/null || return 1
	case $(ps -o stat= -p "$1") in '' | Z*) return 1 ;; esac
}
if read -r pid 2>/dev/null <"$1/pid"; then
	kill "-$2" "$pid" 2>/dev/null
	pkill -CONT -P "$pid"
	kill -CONT "$pid" 2>/dev/null
	tries=0
	while runs "$pid" && [ $tries -lt 200 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
	runs "$pid" && kill -KILL "$pid"
fi
rm -rf "$1"
`

// watch starts the watchdog. It has a process group of its own, so that Ctrl-C
// on the terminal does not reach it.
func (s *Server) watch() error {
	s.guard = exec.Command("sh", "-c", watchdog, "sh", s.dir, strconv.Itoa(int(s.crash)))
	s.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := s.guard.StdinPipe()
	if err != nil {
		return err
	}
	s.guardInput = input
	return s.guard.Start()
}

// close lets the watchdog end the server and waits for it.
func (s *Server) close() error {
	if err := s.guardInput.Close(); err != nil {
		return err
	}
	if err := s.guard.Wait(); err != nil {
		return fmt.Errorf("end the %s server in %s: %w", s.name, s.dir, err)
	}
	if s.kept == nil { // it got no port
		return nil
	}
	return s.kept.Close()
}
