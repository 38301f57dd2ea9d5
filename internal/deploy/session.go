package deploy

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kitgo/kit/console"
)

//go:embed server.sh
var serverScript string

// Job says what the connection is for.
type Job struct {
	App    string // name of the user, the directories and the units
	Binary string // name of the binary
	Who    string // who deploys, for the lock and the audit log
	Action string // deploy, rollback or look
}

// Session is a connection to a server, which takes one step at a time. The zero value is
// none; [Connect] returns one.
type Session struct {
	host   Host
	nonce  string
	ssh    *exec.Cmd
	out    *bufio.Reader
	stderr tail
	beats  chan struct{}

	mu sync.Mutex // of in
	in io.WriteCloser
}

// Answer is what a step answered.
type Answer struct {
	Facts  map[string][]string
	Output string // what the programs wrote that it ran
}

// Fact returns the first value of a fact; "" if there is none.
func (a Answer) Fact(name string) string {
	if values := a.Facts[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// beat is how often the server hears of this side. It gives up after three times that.
const beat = 20 * time.Second

// opening takes the script from stdin, so that neither sudo's log nor the list of
// processes has it. Its text has no character that any login shell takes for its own.
const opening = `bash -c 'IFS= read -r n && LC_ALL=C && IFS= read -r -N "$n" s && eval "$s"'`

// word is what an argument of the server's script may be.
var word = regexp.MustCompile(`^[A-Za-z0-9@._:/+=,-]+$`)

// Connect opens the connection. When ctx ends it is closed.
func Connect(ctx context.Context, h Host, j Job) (*Session, error) {
	program, err := exec.LookPath("ssh")
	if err != nil {
		return nil, missingSSH(err)
	}
	s := &Session{host: h, nonce: "%" + rand.Text(), beats: make(chan struct{})}
	who := strings.Map(func(r rune) rune {
		if word.MatchString(string(r)) {
			return r
		}
		return '-'
	}, j.Who)
	args := fmt.Sprintf("kit-deploy '%s' '%s' '%s' '%s' '%s'", s.nonce, j.App, j.Binary, who, j.Action)
	// sh decides between the two, whatever the login shell is.
	script := fmt.Sprintf(`if [ "$(id -u)" = 0 ]; then exec %[1]s %[2]s "$SSH_CONNECTION"; else exec sudo -n -- %[1]s %[2]s "$SSH_CONNECTION"; fi`, opening, args)
	s.ssh = exec.CommandContext(ctx, program, h.args("exec sh -c "+shellQuote(script))...)
	s.ssh.Stderr = &s.stderr
	s.ssh.WaitDelay = 2 * time.Second
	in, err := s.ssh.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting ssh: %w", err)
	}
	out, err := s.ssh.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting ssh: %w", err)
	}
	if err := s.ssh.Start(); err != nil {
		return nil, fmt.Errorf("starting ssh: %w", err)
	}
	s.in, s.out = in, bufio.NewReader(out)
	// What cannot be written is noticed by who reads the answer.
	_, _ = fmt.Fprintf(in, "%d\n%s", len(serverScript), serverScript)
	if _, err := s.answer("connect"); err != nil {
		_ = in.Close()
		err = s.ssh.Wait()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, h.refused(s.stderr.String(), err)
	}
	go s.beat()
	return s, nil
}

// shellQuote makes one word of text for a POSIX shell, and for fish.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// beat tells the server that this side is still there.
func (s *Session) beat() {
	t := time.NewTicker(beat)
	defer t.Stop()
	for {
		select {
		case <-s.beats:
			return
		case <-t.C:
			s.mu.Lock()
			_, _ = io.WriteString(s.in, "beat\n")
			s.mu.Unlock()
		}
	}
}

// Do runs one step of server.sh and returns its answer. What has failed on the server is a
// [*console.Error]; the output of what it ran is in the answer then, too.
func (s *Session) Do(step string, args ...string) (Answer, error) { return s.send(step, args, nil) }

// Put sends a file of the new release, packed, with the checksum of what is to arrive.
func (s *Session) Put(name string, mode fs.FileMode, content []byte) error {
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := z.Write(content); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	args := []string{name, strconv.FormatUint(uint64(mode.Perm()), 8), strconv.Itoa(packed.Len()), hex.EncodeToString(sum[:])}
	_, err = s.send("put", args, packed.Bytes())
	return err
}

func (s *Session) send(step string, args []string, data []byte) (Answer, error) {
	line := step
	for _, arg := range args {
		if !word.MatchString(arg) {
			return Answer{}, fmt.Errorf("%s: %q cannot be an argument", step, arg)
		}
		line += " " + arg
	}
	s.mu.Lock()
	_, err := io.WriteString(s.in, line+"\n")
	if err == nil && len(data) > 0 {
		_, err = s.in.Write(data)
	}
	s.mu.Unlock()
	answer, lost := s.answer(step)
	if lost != nil || err == nil {
		return answer, lost
	}
	return answer, fmt.Errorf("sending %s: %w", step, err)
}

// LostError says that the connection ended during a step.
type LostError struct {
	Step  string
	Cause string // what ssh said, in one line; may be empty
}

func (e *LostError) Error() string {
	text := "the connection was lost during the step " + e.Step
	if e.Cause != "" {
		text += ": " + e.Cause
	}
	return text
}

// sshSaid is the last line that is ssh's own, and not of a program on the server.
func sshSaid(stderr string) string {
	line := lastLine(stderr)
	if strings.HasPrefix(line, "sudo:") || strings.HasPrefix(line, "bash:") {
		return ""
	}
	return line
}

// answer reads up to the line that ends the answer.
func (s *Session) answer(step string) (Answer, error) {
	a := Answer{Facts: map[string][]string{}}
	var output strings.Builder
	var hint string
	for {
		line, err := s.out.ReadString('\n')
		if err != nil {
			a.Output = strings.TrimSpace(output.String())
			return a, &LostError{Step: step, Cause: sshSaid(s.stderr.String())}
		}
		told, ours := strings.CutPrefix(line, s.nonce+" ")
		if !ours {
			output.WriteString(line)
			continue
		}
		kind, rest, _ := strings.Cut(strings.TrimSuffix(told, "\n"), " ")
		switch kind {
		case "fact":
			name, value, _ := strings.Cut(rest, " ")
			a.Facts[name] = append(a.Facts[name], strings.TrimSpace(value))
		case "hint":
			hint = rest
		case "ok", "fail":
			a.Output = strings.TrimSpace(output.String())
			if kind == "ok" {
				return a, nil
			}
			number, message, _ := strings.Cut(rest, " ")
			code, err := strconv.Atoi(number)
			if err != nil {
				code = console.Failed
			}
			return a, &console.Error{Code: code, Message: message, Advice: hint}
		}
	}
}

// Close ends the connection, and with it the lock.
func (s *Session) Close() error {
	close(s.beats)
	_, err := s.Do("end")
	closing := s.in.Close()
	if waiting := s.ssh.Wait(); err == nil {
		err = errors.Join(closing, waiting)
	}
	return err
}

// tail keeps the end of what was written.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if extra := len(t.text) - 8<<10; extra > 0 {
		t.text = t.text[extra:]
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
