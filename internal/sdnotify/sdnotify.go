// Package sdnotify tells systemd how a service is doing, with the protocol of
// sd_notify(3), in place of a library: it is a datagram.
package sdnotify

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// States of a service.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	Watchdog = "WATCHDOG=1"
)

// Socket is where systemd listens. The zero value is nobody: what is sent is lost.
type Socket struct{ path string }

// FromEnvironment returns the socket that NOTIFY_SOCKET names.
func FromEnvironment(getenv func(string) string) Socket { return Socket{getenv("NOTIFY_SOCKET")} }

// Listening reports whether somebody wants to know.
func (s Socket) Listening() bool { return s.path != "" }

// Send sends states. What goes wrong is nothing that a service could do something about.
func (s Socket) Send(states ...string) {
	if !s.Listening() {
		return
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: s.path, Net: "unixgram"})
	if err != nil {
		return
	}
	defer conn.Close()
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second)) // a systemd that does not listen stops nobody
	_, _ = conn.Write([]byte(strings.Join(states, "\n")))
}

// Status is a line for people, in systemctl status.
func Status(format string, args ...any) string { return "STATUS=" + fmt.Sprintf(format, args...) }

// MainPID says which process the service is from now on.
func MainPID(pid int) string { return fmt.Sprintf("MAINPID=%d", pid) }

// Extend asks for so much more time until the state that systemd waits for.
func Extend(d time.Duration) string { return fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d", d.Microseconds()) }

// WatchdogEvery is how often a sign of life is wanted at least (WatchdogSec= of the unit);
// 0 for never.
func WatchdogEvery(getenv func(string) string) time.Duration {
	if pid := getenv("WATCHDOG_PID"); pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	microseconds, err := strconv.ParseInt(getenv("WATCHDOG_USEC"), 10, 64)
	if err != nil || microseconds <= 0 {
		return 0
	}
	return time.Duration(microseconds) * time.Microsecond
}
