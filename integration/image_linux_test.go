//go:build image

package integration_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

func withoutDocker(*testing.T) engine { return buildah{} }

// buildah builds without an engine; the image's processes are run here as a
// container would run them: in its file system, as its user, with its
// environment, and as PID 1 of a namespace.
type buildah struct {
	layers bool // keep each step's result, as Docker does
}

func (b buildah) build(t *testing.T, dir, tag string) {
	t.Helper()
	// The Docker format keeps HEALTHCHECK. Nothing but the machine's ways to
	// the registries is added to what the Dockerfile says.
	args := []string{"build", "--isolation", "chroot", "--pull-never", "--format", "docker", fmt.Sprint("--layers=", b.layers), "-t", tag}
	for _, name := range []string{"GOPROXY", "GOFLAGS", "npm_config_registry"} {
		if value := os.Getenv(name); value != "" {
			args = append(args, "--env", name+"="+value)
		}
	}
	if err := command(dir, "buildah", append(args, ".")...); err != nil {
		t.Fatal(err)
	}
}

func (buildah) inspect(t *testing.T, tag string) (config imageConfig, layers int) {
	t.Helper()
	out, err := exec.Command("buildah", "inspect", "--type", "image", tag).Output()
	if err != nil {
		t.Fatal(err)
	}
	var image struct {
		Docker struct {
			Config imageConfig `json:"config"`
			RootFS struct {
				DiffIDs []string `json:"diff_ids"`
			} `json:"rootfs"`
		}
	}
	if err := json.Unmarshal(out, &image); err != nil {
		t.Fatal(err)
	}
	return image.Docker.Config, len(image.Docker.RootFS.DiffIDs)
}

func (b buildah) config(t *testing.T, tag string) imageConfig {
	config, _ := b.inspect(t, tag)
	return config
}

// root mounts the file system of a new container of the image.
func (buildah) root(t *testing.T, tag string) string {
	t.Helper()
	name, err := exec.Command("buildah", "from", "--pull-never", tag).Output()
	if err != nil {
		t.Fatal(err)
	}
	container := strings.TrimSpace(string(name))
	t.Cleanup(func() { _ = exec.Command("buildah", "rm", container).Run() })
	root, err := exec.Command("buildah", "mount", container).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(root))
}

func (b buildah) command(t *testing.T, tag string, vars []string, args ...string) *exec.Cmd {
	t.Helper()
	config := b.config(t, tag)
	if len(args) == 0 {
		args = config.Cmd
	}
	root := b.root(t, tag)
	uid, gid := user(t, root, config.User)
	run := exec.Command(args[0], args[1:]...)
	run.Dir = config.WorkingDir
	run.Env = append(slices.Clone(config.Env), vars...)
	run.SysProcAttr = &syscall.SysProcAttr{
		Chroot:     root,
		Credential: &syscall.Credential{Uid: uid, Gid: gid},
		Cloneflags: syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	return run
}

// user looks name, or name:group, up in the image.
func user(t *testing.T, root, name string) (uid, gid uint32) {
	t.Helper()
	name, _, _ = strings.Cut(name, ":")
	passwd, err := os.ReadFile(filepath.Join(root, "etc", "passwd"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(passwd)) {
		fields := strings.Split(line, ":")
		if len(fields) > 3 && (fields[0] == name || fields[2] == name) {
			u, _ := strconv.Atoi(fields[2])
			g, _ := strconv.Atoi(fields[3])
			return uint32(u), uint32(g)
		}
	}
	t.Fatalf("the image has no user %q", name)
	return 0, 0
}

// size is the difference of what the two file systems hold.
func (b buildah) size(t *testing.T, tag string) int64 {
	t.Helper()
	return bytesBelow(t, b.root(t, tag)) - bytesBelow(t, b.root(t, "docker.io/library/debian:bookworm-slim"))
}

func bytesBelow(t *testing.T, root string) int64 {
	t.Helper()
	var sum int64
	err := filepath.WalkDir(root, func(_ string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}
