//go:build deploy

package integration_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// boot makes a file system the root of namespaces of its own, and systemd PID 1 there,
// as a container does; $1 is the root, $2 the control group.
const boot = `set -e
mkdir -p "$2"; echo $$ >"$2/cgroup.procs"
exec unshare --pid --mount --net --ipc --uts --cgroup --fork --kill-child=KILL --propagation private bash -c '
set -e; R=$1
hostname kit-server
mount --bind $R $R
mount -t proc proc $R/proc
mount -t sysfs -o ro sysfs $R/sys
mount -t tmpfs tmpfs $R/sys/fs
mkdir -p $R/sys/fs/cgroup; mount -t cgroup2 cgroup2 $R/sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs $R/run
mount -t tmpfs -o mode=1777 tmpfs $R/tmp
mount -t tmpfs -o mode=755 tmpfs $R/dev
for d in null zero full random urandom tty; do touch $R/dev/$d; mount --bind /dev/$d $R/dev/$d; done
mkdir $R/dev/pts $R/dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts $R/dev/pts
mount -t tmpfs tmpfs $R/dev/shm
ln -s pts/ptmx $R/dev/ptmx; ln -s /proc/self/fd $R/dev/fd
for n in 0:stdin 1:stdout 2:stderr; do ln -s /proc/self/fd/${n%:*} $R/dev/${n#*:}; done
touch $R/dev/console
cd $R; pivot_root . mnt; umount -l /mnt
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin container=kit /lib/systemd/systemd --system
' boot "$1"`

// server is a Debian server: its own file system, processes and network, real systemd and
// real sshd.
type server struct {
	t       *testing.T
	root    string // its file system as it sees it, from here
	pid     int    // of its PID 1
	address string
	key     string // file of the private key that its users take
	known   string // file of known host keys
}

// startServer boots a server, and returns when sshd answers.
func startServer(t *testing.T) *server {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test boots a server, which needs root: sudo make test-deploy")
	}
	if err := command(".", "../scripts/base-images", "testdata/server/Dockerfile"); err != nil {
		t.Fatal(err)
	}
	const image = "localhost/kit-server"
	if err := command("testdata/server", "buildah", "build", "--isolation", "chroot", "--pull-never", "--layers", "-t", image, "."); err != nil {
		t.Fatal(err)
	}
	container := strings.TrimSpace(output1(t, "buildah", "from", "--pull-never", image))
	t.Cleanup(func() { _ = exec.Command("buildah", "rm", container).Run() })
	s := &server{t: t, root: strings.TrimSpace(output1(t, "buildah", "mount", container)), key: filepath.Join(t.TempDir(), "key")}
	// The layers of an image are an overlay, in which there is none.
	for _, dir := range []string{"root/.ssh", "home/deploy/.ssh", "opt", "etc/caddy"} {
		if err := os.MkdirAll(filepath.Join(s.root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	public := s.newKey()
	s.write("root/.ssh/authorized_keys", public)
	s.write("etc/hostname", "kit-server\n")
	s.write("etc/hosts", "127.0.0.1 localhost\n127.0.1.1 kit-server\n")

	group, err := os.MkdirTemp(unifiedGroups(t), "kit-deploy-")
	if err != nil {
		t.Fatal(err)
	}
	init := exec.Command("bash", "-c", boot, "boot", s.root, group)
	log := new(output)
	init.Stdout, init.Stderr = log, log
	init.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := init.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(s.pid, syscall.SIGKILL)
		_ = init.Process.Kill()
		_ = init.Wait()
		for range 100 {
			if removeGroups(group) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Logf("%s stays", group)
	})
	s.until("PID 1", func() bool { s.pid = child(init.Process.Pid); return s.pid != 0 && isSystemd(s.pid) })
	s.root = fmt.Sprintf("/proc/%d/root", s.pid)
	s.connect()
	s.until("sshd", func() bool {
		return exec.Command("bash", "-c", "exec 3<>/dev/tcp/"+s.address+"/22").Run() == nil
	})
	s.known = filepath.Join(t.TempDir(), "known")
	s.learn()
	s.run("useradd", "--create-home", "--shell", "/bin/bash", "deploy")
	s.run("sh", "-c", "cp -r /root/.ssh /home/deploy/ && chown -R deploy /home/deploy && printf 'deploy ALL=(ALL) NOPASSWD: ALL\\n' >/etc/sudoers.d/deploy")
	return s
}

func unifiedGroups(t *testing.T) string {
	t.Helper()
	for _, dir := range []string{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"} {
		if _, err := os.Stat(filepath.Join(dir, "cgroup.procs")); err == nil {
			if _, err := os.Stat(filepath.Join(dir, "cgroup.controllers")); err == nil {
				return dir
			}
		}
	}
	t.Fatal("this test needs control groups of version 2, below /sys/fs/cgroup or /sys/fs/cgroup/unified")
	return ""
}

// removeGroups removes a control group and those below it.
func removeGroups(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeGroups(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return syscall.Rmdir(dir)
}

// child returns the process whose parent is pid's child, as that of unshare --fork.
func child(pid int) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	n, _ := strconv.Atoi(first)
	return n
}

func isSystemd(pid int) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	return err == nil && strings.HasPrefix(string(name), "systemd")
}

// connect plugs a cable in between this machine and the server, with addresses of
// RFC 2544, which nobody has.
func (s *server) connect() {
	s.t.Helper()
	n := os.Getpid() % 250
	cable := fmt.Sprintf("kitdep%d", n)
	here, there := fmt.Sprintf("198.18.%d.1", n), fmt.Sprintf("198.18.%d.2", n)
	ip := func(args ...string) {
		s.t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			s.t.Fatalf("ip %v: %v\n%s", args, err, out)
		}
	}
	ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(s.pid))
	s.t.Cleanup(func() { _ = exec.Command("ip", "link", "del", cable).Run() })
	ip("addr", "add", here+"/30", "dev", cable)
	ip("link", "set", cable, "up")
	for _, args := range [][]string{{"link", "set", "lo", "up"}, {"addr", "add", there + "/30", "dev", "eth0"}, {"link", "set", "eth0", "up"}} {
		s.run("ip", args...)
	}
	s.address = there
}

// newKey makes the key of the server's users, and returns its public half.
func (s *server) newKey() string {
	s.t.Helper()
	if err := command(".", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", s.key); err != nil {
		s.t.Fatal(err)
	}
	public, err := os.ReadFile(s.key + ".pub")
	if err != nil {
		s.t.Fatal(err)
	}
	return string(public)
}

// learn notes the server's keys as known.
func (s *server) learn() {
	s.t.Helper()
	key, _, _ := strings.Cut(s.read("etc/ssh/ssh_host_ed25519_key.pub"), " root@")
	if err := os.WriteFile(s.known, []byte(s.address+" "+key+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// command prepares a program on the server.
func (s *server) command(name string, args ...string) *exec.Cmd {
	into := []string{"--target", strconv.Itoa(s.pid), "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup", "--root", "--wd", "--", name}
	return exec.Command("nsenter", append(into, args...)...)
}

// run runs a program on the server and returns what it printed.
func (s *server) run(name string, args ...string) string {
	s.t.Helper()
	out, err := s.command(name, args...).CombinedOutput()
	if err != nil {
		s.t.Fatalf("on the server, %s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func (s *server) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.root, name), []byte(text), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) read(name string) string {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.root, name))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

func (s *server) until(what string, done func() bool) {
	s.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("the server has no %s after a minute", what)
		}
	}
}

func output1(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}
