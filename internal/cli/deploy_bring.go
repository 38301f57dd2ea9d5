package cli

import (
	"bytes"
	"cmp"
	"context"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/deploy"
)

// noteworthy is what the audit log cannot have.
var noteworthy = regexp.MustCompile(`[^A-Za-z0-9@._:/+=, -]`)

// room is how much more than the binary has to fit, in bytes.
const room = 32 << 20

// bring deploys a new release.
func (r *deployTo) bring(ctx context.Context) error {
	files, err := r.files(ctx)
	if err != nil {
		return err
	}
	if r.dryRun {
		return r.print(files)
	}
	revision := r.identify(ctx)
	err = r.s.do("taking the lock of deployments", func(io.Writer) error { return r.lock(revision) })
	if err != nil {
		return err
	}
	if err := r.localHook(ctx, "before", ""); err != nil {
		return err
	}
	binary, err := r.build(ctx)
	if err != nil {
		return err
	}
	if err := r.upload(files, binary); err != nil {
		return err
	}
	for _, step := range []struct {
		title string
		skip  bool
		run   func(output io.Writer) error
	}{
		{title: "preparing the server", run: func(io.Writer) error { return r.do("setup") }},
		{title: "checking the settings there", run: r.doctor},
		{title: "deploy/hooks/server-before", skip: !has(files, "deploy/hooks/server-before"), run: r.hook("server-before")},
		{title: "migrating", run: func(output io.Writer) error { return r.command(output, r.release, "migrate") }},
		{title: "letting " + r.release + " serve", run: func(output io.Writer) error { return r.activate(output, r.release) }},
		{title: "telling Caddy of " + r.domain, skip: r.domain == "", run: func(output io.Writer) error { return r.doWith(output, "caddy") }},
		{title: "deploy/hooks/server-after", skip: !has(files, "deploy/hooks/server-after"), run: r.hook("server-after")},
		{title: fmt.Sprintf("keeping %d releases", r.keep), run: func(io.Writer) error { return r.do("prune", strconv.Itoa(r.keep)) }},
	} {
		if step.skip {
			continue
		}
		if err := r.s.do(step.title, step.run); err != nil {
			return errors.Join(err, r.localHook(ctx, "after", "failed"))
		}
	}
	if err := r.localHook(ctx, "after", "ok"); err != nil {
		return err
	}
	fmt.Fprintf(r.stdio.Out, "\n%s serves on %s.\n", r.s.paint("1", r.release), r.host.Target)
	if r.server.Fact("current") != "" {
		fmt.Fprintf(r.stdio.Out, "Back to the one before: %s\n", r.s.paint("36", "kit deploy "+r.host.Target+" --rollback"))
	}
	return nil
}

// identify returns the revision, and names the release after it and the time.
func (r *deployTo) identify(ctx context.Context) (revision string) {
	r.release = time.Now().UTC().Format("20060102-150405")
	if r.binary == "" {
		_, revision = gitVersion(ctx, r.p)
	}
	if revision == "" {
		return "none" // no commit says what it is
	}
	r.release += "-" + revision[:min(7, len(revision))]
	return revision
}

func (r *deployTo) lock(revision string) error {
	_, err := r.session.Do("lock", r.release, revision)
	return err
}

// build returns the binary for the server.
func (r *deployTo) build(ctx context.Context) ([]byte, error) {
	arch := deploy.Architecture(r.server.Fact("machine"))
	target := r.binary
	if target == "" {
		dir, err := r.p.cache("deploy")
		if err != nil {
			return nil, err
		}
		if err := checkGo(ctx); err != nil {
			return nil, err
		}
		target = filepath.Join(dir, r.p.name())
		b := &build{stdio: r.stdio, os: "linux", arch: arch}
		if err := b.build(ctx, r.s, r.p, target); err != nil {
			return nil, err
		}
	}
	content, err := os.ReadFile(target)
	if err != nil {
		return nil, &console.Error{Message: "the binary cannot be read: " + err.Error(), Err: err}
	}
	if err := checkBinary(target, content, arch, r.host.Target); err != nil {
		return nil, err
	}
	if free, err := strconv.ParseInt(r.server.Fact("free"), 10, 64); err == nil && free*1024 < int64(len(content))+room {
		return nil, &console.Error{
			Message: fmt.Sprintf("no space on %s: %d MB are free, the release needs %d MB", r.host.Target, free/1000, (len(content)+room)/1e6),
			Advice:  "make room below /opt there, or keep fewer releases with --keep",
		}
	}
	return content, nil
}

// machines are the processors as a binary names them.
var machines = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm", elf.EM_386: "386",
	elf.EM_RISCV: "riscv64", elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64",
}

// checkBinary refuses what the server cannot execute.
func checkBinary(name string, content []byte, arch, target string) error {
	f, err := elf.NewFile(bytes.NewReader(content))
	if err != nil {
		return &console.Error{Message: name + " is no program for Linux", Advice: "build it for the server: kit build --os linux --arch " + arch, Err: err}
	}
	if got := cmp.Or(machines[f.Machine], f.Machine.String()); got != arch {
		return &console.Error{
			Message: fmt.Sprintf("%s is for %s, and the processor of %s is %s", name, got, target, arch),
			Advice:  "build it for the server: kit build --os linux --arch " + arch,
		}
	}
	return nil
}

// upload sends the files of the release, the binary last.
func (r *deployTo) upload(files []releaseFile, binary []byte) error {
	return r.s.do(fmt.Sprintf("uploading %.1f MB", float64(len(binary))/1e6), func(io.Writer) error {
		for _, f := range files {
			if err := r.session.Put(f.path, f.mode, f.content); err != nil {
				return err
			}
		}
		if err := r.session.Put(r.facts.Binary, 0o755, binary); err != nil {
			return err
		}
		return r.do("seal")
	})
}

func (r *deployTo) do(step string, args ...string) error {
	_, err := r.session.Do(step, args...)
	return err
}

// doWith is do, with what the server's programs wrote.
func (r *deployTo) doWith(output io.Writer, step string, args ...string) error {
	answer, err := r.session.Do(step, args...)
	if answer.Output != "" {
		fmt.Fprintln(output, answer.Output)
	}
	return err
}

func (r *deployTo) hook(name string) func(io.Writer) error {
	return func(output io.Writer) error { return r.doWith(output, "hook", name) }
}

// activate lets a release serve, or the one from before.
func (r *deployTo) activate(output io.Writer, release string) error {
	r.untouched = false
	stop := cmp.Or(r.facts.Grace(), time.Minute)
	return r.doWith(output, "activate", release, strconv.Itoa(int(r.wait.Seconds())), strconv.Itoa(int(stop.Seconds())+1))
}

// command runs a command of a release on the server, with the server's variables. Its own
// error is the one that counts.
func (r *deployTo) command(output io.Writer, release string, args ...string) error {
	answer, err := r.session.Do("run", append([]string{release}, args...)...)
	failed, ok := errors.AsType[*console.Error](err)
	if !ok {
		return err
	}
	e := &console.Error{Code: failed.Code, Message: failed.Message, Advice: "the running release is untouched", Err: err}
	var rest []string
	for line := range strings.Lines(answer.Output) {
		line = strings.TrimSpace(line)
		if message, ok := strings.CutPrefix(line, "error: "); ok {
			e.Message = args[0] + " on the server: " + message
		} else if hint, ok := strings.CutPrefix(line, "hint: "); ok {
			e.Advice = hint
		} else {
			rest = append(rest, line)
		}
	}
	if len(rest) > 0 {
		fmt.Fprintln(output, strings.Join(rest[max(0, len(rest)-20):], "\n"))
	}
	return e
}

// doctor checks the settings and what they lead to, on the server, as its user.
func (r *deployTo) doctor(output io.Writer) error {
	answer, err := r.session.Do("run", r.release, "doctor", "--json")
	failed, ok := errors.AsType[*console.Error](err)
	if !ok {
		return err
	}
	var found about
	if !document(answer.Output, "checks", &found) {
		fmt.Fprintln(output, answer.Output)
		return &console.Error{Code: failed.Code, Message: "the application cannot say what it thinks of the server: " + failed.Message, Advice: "the running release is untouched", Err: err}
	}
	// The first one is the reason; the others are often its consequences.
	var first error
	for _, c := range found.Checks {
		switch {
		case c.Status != "failed":
		case first == nil:
			first = &console.Error{Code: failed.Code, Message: fmt.Sprintf("%s on the server: %s", c.Name, c.Detail), Advice: c.Advice, Err: err}
		default:
			fmt.Fprintf(output, "%s: %s\n", c.Name, c.Detail)
		}
	}
	return cmp.Or(first, err)
}

// document reads the JSON document that has the key from output, which may have lines of
// the log before it.
func document(output, key string, to any) bool {
	for d := json.NewDecoder(strings.NewReader(output)); ; {
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			return false
		}
		var keys map[string]json.RawMessage
		if json.Unmarshal(raw, &keys) == nil && keys[key] != nil {
			return json.Unmarshal(raw, to) == nil
		}
	}
}

// localHook runs a program of the application's on this machine.
func (r *deployTo) localHook(ctx context.Context, name, outcome string) error {
	program := r.p.path("deploy", "hooks", name)
	if _, err := os.Stat(program); err != nil {
		return nil
	}
	return r.s.do("deploy/hooks/"+name, func(output io.Writer) error {
		c := exec.CommandContext(ctx, program)
		c.Dir = r.p.dir
		c.Env = append(os.Environ(), "KIT_TARGET="+r.host.Target, "KIT_RELEASE="+r.release, "KIT_OUTCOME="+outcome)
		out, err := c.CombinedOutput()
		if err != nil {
			_, _ = output.Write(out)
			return &console.Error{Message: fmt.Sprintf("deploy/hooks/%s failed: %v", name, err), Err: err}
		}
		return nil
	})
}

// print says what would be done.
func (r *deployTo) print(files []releaseFile) error {
	d := r.facts
	arch := deploy.Architecture(r.server.Fact("machine"))
	free, _ := strconv.ParseInt(r.server.Fact("free"), 10, 64)
	lines := []string{
		fmt.Sprintf("%s has a processor %s, systemd %s, %d MB free", r.host.Target, arch, r.server.Fact("systemd"), free/1000),
		"take the lock /opt/" + d.Label() + "/deploy.lock",
		"build for linux/" + arch,
		"upload to /opt/" + d.Label() + "/releases/TIME-REVISION: " + d.Binary + ", " + names(files),
	}
	if r.binary != "" {
		lines[2] = "take " + r.binary + ", if it is for linux/" + arch
	}
	if r.server.Fact("user") == "" {
		lines = append(lines, "make the user "+d.Label())
	}
	if r.server.Fact("kept") == "" {
		lines = append(lines, "write the secrets to /etc/"+d.Label()+"/env, for root alone")
	}
	lines = append(lines, "run doctor, then migrate, with the server's variables, as the user "+d.Label())
	if current := r.server.Fact("current"); current != "" {
		lines = append(lines, "switch from "+current+", restart on the same socket, wait up to "+r.wait.String()+"; go back if it does not get ready")
	} else {
		lines = append(lines, "install the units, open the socket, start, wait up to "+r.wait.String())
	}
	if r.domain != "" {
		lines = append(lines, "add "+r.domain+" to Caddy, and reload it")
	}
	lines = append(lines, fmt.Sprintf("keep %d releases", r.keep))
	fmt.Fprintln(r.stdio.Out, "\nkit deploy would:")
	for _, line := range lines {
		fmt.Fprintln(r.stdio.Out, "  "+line)
	}
	fmt.Fprintln(r.stdio.Out, "\nNothing was changed.")
	return nil
}
