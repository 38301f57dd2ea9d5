// Package handover replaces a serving process by a new one, which serves on the same
// socket before the old one ends, so that a new program takes over without a refused
// connection.
//
// The old process starts the program anew ([Replace]) and passes on its listening socket,
// the socket on which it is asked for this, and one end of a conversation. The new one
// finds them ([Inherited]), becomes ready, says so, and serves once the old one has agreed
// ([Heir.Ready], [Heir.Serving]). Until then the old one has not changed anything: when
// the new one fails, or does not come to an end, it serves on.
//
// It needs Linux; elsewhere [Supported] is false.
package handover

import (
	"errors"
	"time"
)

// Program is what is started.
type Program struct {
	Path string
	Args []string // with the program's name, as in os.Args
	Env  []string
	Dir  string
}

// Options are how a new process is started.
type Options struct {
	Program Program
	// Patience is how long it may take until it is ready, Grace how long it may take to
	// end when it is told to.
	Patience, Grace time.Duration
	// Phase is told what the new process does, when that changes.
	Phase func(string)
}

// Failure is why the new process does not serve. It has the message, the hint and the
// exit code of that process.
type Failure struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Advice  string `json:"advice,omitempty"`
}

// Error returns the message.
func (f *Failure) Error() string { return f.Message }

// Hint returns the advice.
func (f *Failure) Hint() string { return f.Advice }

// Request asks a serving process to be replaced.
type Request struct {
	// Env is the environment of the new process; nil is that of the old one.
	Env []string `json:"env,omitempty"`
}

// Report is a line that the serving process answers. The last one has a Failure or Done.
type Report struct {
	Phase   string   `json:"phase,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	Done    *Done    `json:"done,omitempty"`
}

// Done is who serves now, in place of whom.
type Done struct {
	New int `json:"new"`
	Old int `json:"old"`
}

// ErrNobody is returned by [Ask] when no process serves at the address.
var ErrNobody = errors.New("no server answers")

// ErrTooLate is returned when the new process was not ready in time.
var ErrTooLate = errors.New("the new process was not ready in time")

// message is a line of the conversation between the two processes.
type message struct {
	Phase   string   `json:"phase,omitempty"`
	Ready   bool     `json:"ready,omitempty"`   // the new one could serve
	Take    bool     `json:"take,omitempty"`    // the old one lets it
	Serving bool     `json:"serving,omitempty"` // the new one accepts connections
	Failure *Failure `json:"failure,omitempty"` // the new one cannot serve
}

// variable tells the new process that it is one, by the id of the old one: processes that
// are started by it inherit the variable, and have another parent. With controlled after
// the id, there is a control socket.
const (
	variable   = "KIT_HANDOVER"
	controlled = "+control"
)

// controlPrefix begins the name of a control socket; the address of the server follows.
const controlPrefix = "@kit/reload/"

// The descriptors of the new process.
const (
	listenerFile = 3 + iota
	conversationFile
	controlFile
)
