//go:build !linux

package handover

import (
	"context"
	"net"
	"os"
)

// Supported says whether this system can do it.
const Supported = false

var errUnsupported = &Failure{Code: 1, Message: "only Linux can hand a socket over to another process", Advice: "stop the server, and start it again"}

// Replace returns an error.
func Replace(context.Context, net.Listener, net.Listener, Options) (int, error) {
	return 0, errUnsupported
}

// Listen returns an error.
func Listen(string) (net.Listener, error) { return nil, errUnsupported }

// Ask returns an error.
func Ask(context.Context, string, Request, func(string)) (Done, error) {
	return Done{}, errUnsupported
}

// Answer closes the connection.
func Answer(conn net.Conn, _ func(Request, func(string)) (Done, error)) { conn.Close() }

// Signals returns a channel on which nothing comes.
func Signals() <-chan os.Signal { return nil }
