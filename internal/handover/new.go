package handover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// Heir is a new process that was started to take over. Its methods do nothing when it is
// nil, which means that the process was started in another way.
type Heir struct {
	// Listener is the socket to serve on, Control the one on which this process will be
	// asked to be replaced; nil if the old one had none.
	Listener, Control net.Listener

	conversation net.Conn
	lines        *json.Decoder
}

// Inherited returns what this process takes over; nil if it was not started for that.
// What it finds is not found again, nor by processes that this one starts.
func Inherited() (*Heir, error) {
	parent, control := strings.CutSuffix(os.Getenv(variable), controlled)
	os.Unsetenv(variable)
	if parent == "" || parent != strconv.Itoa(os.Getppid()) {
		return nil, nil
	}
	h := new(Heir)
	var errs [3]error
	file := os.NewFile(conversationFile, "conversation")
	h.conversation, errs[0] = net.FileConn(file)
	file.Close()
	h.Listener, errs[1] = inherit(listenerFile)
	if control {
		h.Control, errs[2] = inherit(controlFile)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, fmt.Errorf("taking over the sockets of process %s: %w", parent, err)
	}
	h.lines = json.NewDecoder(h.conversation)
	return h, nil
}

func inherit(number uintptr) (net.Listener, error) {
	file := os.NewFile(number, "listener")
	defer file.Close()
	return net.FileListener(file) // a copy that children do not inherit
}

// Address is where the control socket says that the old process serves; empty without one.
func (h *Heir) Address() string {
	if h == nil || h.Control == nil {
		return ""
	}
	return strings.TrimPrefix(h.Control.Addr().String(), controlPrefix)
}

func (h *Heir) say(m message) error {
	_ = h.conversation.SetWriteDeadline(time.Now().Add(10 * time.Second))
	return json.NewEncoder(h.conversation).Encode(m)
}

// Phase says what this process does.
func (h *Heir) Phase(name string) {
	if h != nil {
		_ = h.say(message{Phase: name}) // it is for people
	}
}

// errLeft means that nobody is there to be replaced.
var errLeft = errors.New("the process that was to be replaced has ended, or gave up waiting")

// Ready says that this process could serve, and waits until it may.
func (h *Heir) Ready(ctx context.Context) error {
	if h == nil {
		return nil
	}
	if err := h.say(message{Ready: true}); err != nil {
		return errLeft
	}
	stop := context.AfterFunc(ctx, func() { _ = h.conversation.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var m message
	if err := h.lines.Decode(&m); err != nil || !m.Take {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errLeft
	}
	return nil
}

// Serving says that this process accepts connections, which ends the conversation.
func (h *Heir) Serving() {
	if h != nil {
		_ = h.say(message{Serving: true})
		h.conversation.Close()
	}
}

// Fail says why this process will not serve.
func (h *Heir) Fail(f Failure) {
	if h != nil {
		_ = h.say(message{Failure: &f})
		h.conversation.Close()
	}
}
