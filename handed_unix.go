//go:build unix

package kit

import (
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/kitgo/kit/console"
)

// firstHanded is the number of the first descriptor that is handed over
// (SD_LISTEN_FDS_START in sd_listen_fds(3)).
const firstHanded = 3

// handedListener returns the listening socket that systemd, or who starts processes as
// it does, hands over to this process: LISTEN_FDS says how many there are, LISTEN_PID
// who is meant. Without one it returns nil.
func handedListener(getenv func(string) string) (net.Listener, error) {
	if getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		return nil, nil // not handed over at all, or to a parent of this process
	}
	count, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || count < 0 {
		return nil, handedError(fmt.Sprintf("LISTEN_FDS=%q is not a number of sockets", getenv("LISTEN_FDS")), err)
	}
	switch count {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, handedError(fmt.Sprintf("LISTEN_FDS=%d: the server listens on one socket", count), nil)
	}
	file := os.NewFile(firstHanded, "LISTEN_FDS")
	// The listener has a copy that children do not inherit.
	listener, err := net.FileListener(file)
	file.Close()
	if err != nil {
		return nil, handedError("LISTEN_FDS=1: the descriptor is not a listening socket: "+err.Error(), err)
	}
	if _, ok := listener.(*net.TCPListener); !ok {
		listener.Close()
		return nil, handedError(fmt.Sprintf("LISTEN_FDS=1: %s is not a TCP socket", listener.Addr()), nil)
	}
	return listener, nil
}

func handedError(message string, err error) error {
	return &console.Error{Code: console.BadConfig, Message: message, Advice: "give the socket unit one ListenStream= with a TCP port", Err: err}
}
