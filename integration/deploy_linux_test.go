//go:build deploy

package integration_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDeploy(t *testing.T) {
	d := startDeployment(t)
	if !t.Run("first", func(t *testing.T) { d.t = t; d.first() }) {
		t.FailNow()
	}
	for _, part := range []struct {
		name string
		run  func()
	}{
		{"update", d.update}, {"failing updates", d.failingUpdates}, {"bad input", d.badInput},
		{"connection lost", d.connectionLost}, {"two deployers", d.twoDeployers}, {"rollback", d.rollback}, {"caddy", d.caddy},
	} {
		t.Run(part.name, func(t *testing.T) { d.t = t; part.run() })
	}
	d.t = t
}

// first deploys to a server that has nothing of the application yet.
func (d *deployment) first() {
	if out := d.works("--dry-run"); !strings.Contains(out, "make the user shop") || !strings.Contains(out, "Nothing was changed.") {
		d.t.Errorf("--dry-run says:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(d.root, "opt/shop")); err == nil {
		d.t.Error("--dry-run has made /opt/shop")
	}
	out := d.works()
	d.t.Logf("%s", out)
	release := d.current()
	if !regexp.MustCompile(`^\d{8}-\d{6}$`).MatchString(release) {
		d.t.Errorf("the release is %q", release)
	}
	for file, want := range map[string]string{
		"/etc/shop/env": "600 root", "/etc/shop/settings": "644 root", "/opt/shop/current/shop": "755 root", "/var/lib/shop": "750 shop",
	} {
		if got := d.run("stat", "-Lc", "%a %U", file); got != want {
			d.t.Errorf("%s is %s, want %s", file, got, want)
		}
	}
	if got := d.run("ps", "-o", "user=", "-C", "shop"); got != "shop\nshop" {
		d.t.Errorf("the processes are those of %q", got)
	}
	// The binary of the later releases is that of the first one.
	if err := command(".", "cp", filepath.Join(d.root, "opt/shop/releases", release, "shop"), d.binary); err != nil {
		d.t.Fatal(err)
	}
	// The files of the later releases say how they behave.
	if err := command(d.dir, kitCommand(d.t), "deploy:init", "systemd"); err != nil {
		d.t.Fatal(err)
	}
	d.remove("deploy/systemd/Caddyfile")
	// The socket is for a proxy on the server, and the tests come from outside: from now on
	// it is another one.
	d.put("deploy/systemd/shop.socket", d.outside(), 0o644)
	d.works("--binary", d.binary)
	d.unchanged(d.current())
	if got := d.audit(); !slices.Equal(got, []string{"deploy: ok", "deploy: ok"}) {
		d.t.Errorf("the audit log is %q", got)
	}
}

// settings appends to the settings of the next release.
func (d *deployment) settings(lines string) (undo func()) {
	d.t.Helper()
	const file = "deploy/systemd/settings.env"
	old, err := os.ReadFile(filepath.Join(d.dir, file))
	if err != nil {
		d.t.Fatal(err)
	}
	d.put(file, string(old)+lines, 0o644)
	return func() { d.put(file, string(old), 0o644) }
}

// serving replaces the command of the next release's server.
func (d *deployment) serving(command string) (undo func()) {
	d.t.Helper()
	const file = "deploy/systemd/shop.service"
	old, err := os.ReadFile(filepath.Join(d.dir, file))
	if err != nil {
		d.t.Fatal(err)
	}
	d.put(file, strings.Replace(string(old), "ExecStart=/opt/shop/current/shop serve", "ExecStart="+command, 1), 0o644)
	return func() { d.put(file, string(old), 0o644) }
}

// update replaces the release under constant load, with a migration in the middle.
func (d *deployment) update() {
	before := d.current()
	d.put("deploy/hooks/before", "#!/bin/sh\necho \"$KIT_TARGET $KIT_RELEASE\" >ran-before\n", 0o755)
	d.put("deploy/hooks/server-after", "#!/bin/sh\nid -un >/var/lib/shop/ran-after\n", 0o755)
	defer d.remove("deploy/hooks")
	defer d.settings("FIXTURE_MIGRATIONS=3\n")()
	stop := d.load(500)
	start := time.Now()
	d.works("--binary", d.binary)
	took := time.Since(start).Round(10 * time.Millisecond)
	sent, failed, longest := stop()
	d.t.Logf("%s; of %d requests %d failed, and the longest took %s", took, sent, failed, longest.Round(time.Millisecond))
	if failed > 0 || sent < 200 {
		d.t.Errorf("of %d requests %d failed", sent, failed)
	}
	if d.current() == before {
		d.t.Error("the release is the old one")
	}
	d.unchanged(d.current())
	if ran, err := os.ReadFile(filepath.Join(d.dir, "ran-before")); err != nil || string(ran) != "deploy@"+d.address+" "+d.current()+"\n" {
		d.t.Errorf("deploy/hooks/before: %q %v", ran, err)
	}
	if ran := d.read("var/lib/shop/ran-after"); ran != "shop\n" {
		d.t.Errorf("deploy/hooks/server-after ran as %q", ran)
	}
}

// failingUpdates are releases that cannot serve: the one before does, under load, and no
// request fails.
func (d *deployment) failingUpdates() {
	stop := d.load(100)
	undo := d.settings("FIXTURE_FAIL_MIGRATION=true\n")
	d.fails(1, `migrate on the server: migration \S+_fail: `, "--binary", d.binary)
	undo()
	undo = d.serving("/opt/shop/current/shop serve --no-such-flag")
	d.fails(1, `does not serve: it (does not start|ends after its start) \(exit code 2\)`, "--binary", d.binary)
	undo()
	undo = d.serving("/usr/bin/env FIXTURE_CHECK=fail /opt/shop/current/shop serve")
	d.fails(1, `does not serve: it is not ready after 3 s`, "--binary", d.binary, "--wait", "3s")
	undo()
	sent, failed, longest := stop()
	d.t.Logf("of %d requests %d failed, and the longest took %s", sent, failed, longest.Round(time.Millisecond))
	if failed > 0 {
		d.t.Errorf("of %d requests %d failed", sent, failed)
	}
	d.put("deploy/hooks/server-before", "#!/bin/sh\necho no\nexit 3\n", 0o755)
	d.fails(1, `deploy/hooks/server-before failed with exit code 3`, "--binary", d.binary)
	d.remove("deploy/hooks")
	// The disk is full only when the upload has begun.
	d.run("sh", "-c", "cp -a /opt/shop /opt/kept && mount -t tmpfs -o size=220m,mode=755 tmpfs /opt/shop && cp -a /opt/kept/. /opt/shop")
	fill := strings.Join(d.command("dd", "if=/dev/zero", "of=/opt/shop/filler", "bs=1M").Args, " ")
	d.put("deploy/hooks/before", "#!/bin/sh\n"+fill+" 2>/dev/null\ntrue\n", 0o755)
	d.fails(1, `no space is left on the server's /opt/shop`, "--binary", d.binary)
	d.remove("deploy/hooks")
	d.fails(1, `no space on deploy@\S+: \d+ MB are free, the release needs \d+ MB`, "--binary", d.binary)
	d.run("sh", "-c", "cp /opt/shop/deploys.log /opt/kept/ && umount -l /opt/shop && cp /opt/kept/deploys.log /opt/shop/ && rm -rf /opt/kept")
}

// badInput is what people give a deployment by mistake.
func (d *deployment) badInput() {
	stranger := filepath.Join(d.t.TempDir(), "stranger")
	if err := command(".", "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", stranger); err != nil {
		d.t.Fatal(err)
	}
	public, err := os.ReadFile(stranger + ".pub")
	if err != nil {
		d.t.Fatal(err)
	}
	nobody, other := filepath.Join(d.t.TempDir(), "nobody"), filepath.Join(d.t.TempDir(), "other")
	if err := errors.Join(os.WriteFile(nobody, nil, 0o600), os.WriteFile(other, []byte(d.address+" "+string(public)), 0o600)); err != nil {
		d.t.Fatal(err)
	}
	for _, tt := range []struct{ known, key, want string }{
		{d.known, stranger, `takes none of the ssh keys that are offered`},
		{nobody, d.key, `the host key of \S+ is not known`},
		{other, d.key, `the host key of \S+ is not the one that is known`},
	} {
		d.configure(tt.known, tt.key)
		d.fails(1, tt.want, "--binary", d.binary)
	}
	d.configure(d.known, d.key)

	content, err := os.ReadFile(d.binary)
	if err != nil {
		d.t.Fatal(err)
	}
	content[18] = 183 // EM_AARCH64, in place of e_machine
	foreign := filepath.Join(d.t.TempDir(), "foreign")
	if err := os.WriteFile(foreign, content, 0o755); err != nil {
		d.t.Fatal(err)
	}
	d.fails(1, `foreign is for arm64, and the processor of deploy@\S+ is amd64`, "--binary", foreign)
	d.fails(1, `README.md is no program for Linux`, "--binary", "README.md")
	d.fails(78, `the domain shop.invalid does not resolve`, "--binary", d.binary, "--domain", "shop.invalid")
	d.fails(2, `--keep 1 leaves no release`, "--keep", "1")
	d.fails(1, `there is no release "1999"`, "--rollback=1999")

	// The user may not write where the database is to be.
	d.run("mkdir", "-p", "/var/lib/shop/locked")
	undo := d.settings("DATABASE_URL=sqlite:///var/lib/shop/locked/shop.db\n")
	d.fails(69, `on the server: .*/var/lib/shop/locked`, "--binary", d.binary)
	undo()
	undo = d.settings("SHUTDOWN_TIMEOUT=soon\n")
	d.fails(78, `configuration on the server: SHUTDOWN_TIMEOUT="soon"`, "--binary", d.binary)
	undo()

	// A port below 1024 is systemd's to bind; another program has it already.
	d.run("systemd-run", "--quiet", "--unit", "squatter", "systemd-socket-activate", "-l", "0.0.0.0:80", "/bin/true")
	const socket = "deploy/systemd/shop.socket"
	d.put(socket, strings.Replace(d.outside(), ":8080", ":80", 1), 0o644)
	d.fails(1, `does not serve: port 80 is in use on the server by systemd-socket`, "--binary", d.binary)
	d.put(socket, d.outside(), 0o644)
	d.run("systemctl", "stop", "squatter")

	// A variable that the application needs from now on.
	main, err := os.ReadFile(filepath.Join(d.dir, "main.go"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.put("main.go", strings.Replace(string(main), "	kit.Config\n", "	kit.Config\n	Token string `env:\"SHOP_TOKEN,required\"`\n", 1), 0o644)
	development, err := os.ReadFile(filepath.Join(d.dir, ".env"))
	if err != nil {
		d.t.Fatal(err)
	}
	d.put(".env", string(development)+"SHOP_TOKEN=mine\n", 0o600)
	d.fails(78, `SHOP_TOKEN is not set in /etc/shop/env on deploy@`, "--binary", d.binary)
	d.put("main.go", string(main), 0o644)
}

// outside is the unit of a socket that the tests reach.
func (d *deployment) outside() string {
	return "[Unit]\nDescription=shop: socket\n\n[Socket]\nListenStream=0.0.0.0:8080\nBacklog=4096\n\n[Install]\nWantedBy=sockets.target\n"
}

// cut runs kit deploy, and cuts its connection as soon as the step is done whose line
// begins with after.
func (d *deployment) cut(after string, cut func(kit *exec.Cmd)) result {
	d.t.Helper()
	c := d.kit(d.t.Context(), "--binary", d.binary)
	stderr := new(output)
	c.Stderr = stderr
	stdout, err := c.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		d.t.Fatal(err)
	}
	var text strings.Builder
	lines := bufio.NewScanner(stdout)
	for done := false; lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if !done && strings.Contains(lines.Text(), "✓ "+after) {
			done = true
			cut(c)
		}
	}
	_ = c.Wait()
	return result{stdout: text.String(), stderr: stderr.String(), code: c.ProcessState.ExitCode()}
}

// connectionLost cuts the connection at every step: here, and on the server.
func (d *deployment) connectionLost() {
	killHere := func(kit *exec.Cmd) {
		if err := exec.Command("pkill", "-KILL", "-P", fmt.Sprint(kit.Process.Pid), "-x", "ssh").Run(); err != nil {
			d.t.Errorf("no ssh to be killed: %v", err)
		}
	}
	killThere := func(*exec.Cmd) {
		if out, err := d.command("sh", "-c", "kill -KILL $(pgrep -f '^sshd: deploy')").CombinedOutput(); err != nil {
			d.t.Errorf("no sshd to be killed: %v %s", err, out)
		}
	}
	stop := d.load(50)
	for i, after := range []string{
		"connecting to", "checking the server", "taking the lock", "uploading", "preparing the server", "checking the settings", "migrating",
	} {
		before := d.current()
		kill := []func(*exec.Cmd){killHere, killThere}[i%2]
		got := d.cut(after, kill)
		if got.code != 69 || !strings.Contains(got.stderr, "error: the connection was lost during the step ") || strings.Count(got.stderr, "error:") != 1 {
			d.t.Errorf("after %q it exits %d:\n%s\n%s", after, got.code, got.stdout, got.stderr)
		}
		if _, err := os.Stat(filepath.Join(d.root, "opt/shop/deploy.lock")); err == nil {
			d.until("free lock", func() bool { return d.command("flock", "-n", "/opt/shop/deploy.lock", "true").Run() == nil })
		}
		release := d.current()
		d.unchanged(release)
		if said := strings.Contains(got.stderr, "hint: the running release is untouched"); said && release != before {
			d.t.Errorf("cut after %q: the release has changed, but it says that it has not", after)
		}
		d.t.Logf("cut after %q: %s", after, strings.TrimSpace(strings.Join(regexp.MustCompile(`(?m)^(error|hint): .*$`).FindAllString(got.stderr, -1), "; ")))
	}
	sent, failed, longest := stop()
	d.t.Logf("of %d requests %d failed, and the longest took %s", sent, failed, longest.Round(time.Millisecond))
	if failed > 0 {
		d.t.Errorf("of %d requests %d failed", sent, failed)
	}
	lost := 0
	for _, line := range d.audit() {
		if strings.HasPrefix(line, "deploy: cut: the connection was lost during ") {
			lost++
		}
	}
	if lost == 0 {
		d.t.Errorf("the audit log has no lost connection: %q", d.audit())
	}
	d.works("--binary", d.binary, "--keep", "2")
	if got := d.releases(); len(got) != 2 {
		d.t.Errorf("the releases that stay are %q", got)
	}
}

// twoDeployers deploy at the same time.
func (d *deployment) twoDeployers() {
	proceed := filepath.Join(d.t.TempDir(), "proceed")
	d.put("deploy/hooks/before", "#!/bin/sh\nuntil [ -e "+proceed+" ]; do sleep 0.1; done\n", 0o755)
	before := d.current()
	first := make(chan result, 1)
	holds := make(chan bool, 1)
	go func() { first <- d.cut("taking the lock", func(*exec.Cmd) { holds <- true }) }()
	select {
	case <-holds:
	case got := <-first:
		d.t.Fatalf("%+v", got)
	}
	d.fails(75, `somebody else deploys: \S+@\S+, pid \d+, since \d{4}-\d\d-\d\d`, "--binary", d.binary)
	d.fails(75, `somebody else deploys`, "--rollback")
	if err := os.WriteFile(proceed, nil, 0o600); err != nil {
		d.t.Fatal(err)
	}
	if got := <-first; got.code != 0 || d.current() == before {
		d.t.Errorf("the first one: %+v", got)
	}
	d.remove("deploy/hooks")
}

// rollback goes back and forth.
func (d *deployment) rollback() {
	old := d.current()
	undo := d.settings("FIXTURE_MIGRATIONS=4\n")
	d.works("--binary", d.binary)
	undo()
	next := d.current()
	stop := d.load(200)
	got := d.deploy("--rollback")
	if got.code != 0 || !regexp.MustCompile(`warning: \S+ does not know the migrations .*m\d+_\d+_create_things_4`).MatchString(got.stderr) {
		d.t.Errorf("%+v", got)
	}
	d.unchanged(old)
	d.works("--rollback=" + next)
	d.unchanged(next)
	if sent, failed, _ := stop(); failed > 0 || sent < 100 {
		d.t.Errorf("of %d requests %d failed", sent, failed)
	}
	if out := d.works("--list"); !regexp.MustCompile(next+` +serves`).MatchString(out) || !strings.Contains(out, "rollback") {
		d.t.Errorf("--list says\n%s", out)
	}
}

// caddy puts the application behind a proxy with a certificate, which Caddy itself makes
// here.
func (d *deployment) caddy() {
	const domain = "shop.test"
	hosts := filepath.Join(d.t.TempDir(), "hosts")
	if err := os.WriteFile(hosts, []byte("127.0.0.1 localhost\n"+d.address+" "+domain+"\n"), 0o644); err != nil {
		d.t.Fatal(err)
	}
	deploy := func() (code int, output string) {
		c := d.kit(d.t.Context(), "--binary", d.binary, "--domain", domain)
		known := exec.CommandContext(d.t.Context(), "unshare", append([]string{"--mount", "sh", "-c", `mount --bind "$0" /etc/hosts && exec "$@"`, hosts}, c.Args...)...)
		known.Dir = d.dir
		out, _ := known.CombinedOutput()
		return known.ProcessState.ExitCode(), string(out)
	}
	if code, out := deploy(); code != 1 || !strings.Contains(out, "error: --domain needs Caddy") {
		d.t.Errorf("without Caddy it exits %d:\n%s", code, out)
	}
	program, err := exec.LookPath("caddy")
	if err != nil {
		d.t.Fatalf("scripts/test-tools installs Caddy: %v", err)
	}
	if err := command(".", "cp", program, filepath.Join(d.root, "usr/bin/caddy")); err != nil {
		d.t.Fatal(err)
	}
	d.run("mkdir", "-p", "/etc/caddy")
	d.write("etc/caddy/Caddyfile", "{\n\tlocal_certs\n\tskip_install_trust\n}\n")
	d.write("etc/systemd/system/caddy.service", "[Service]\nType=notify\nEnvironment=HOME=/root\nExecStart=/usr/bin/caddy run --config /etc/caddy/Caddyfile\nExecReload=/usr/bin/caddy reload --config /etc/caddy/Caddyfile --force\n")
	d.run("systemctl", "daemon-reload")
	// The files that the application has itself are without a domain.
	d.remove("deploy/systemd")
	if code, out := deploy(); code != 0 {
		d.t.Fatalf("with Caddy it exits %d:\n%s", code, out)
	}
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", d.address+":443")
		},
	}}
	defer client.CloseIdleConnections()
	d.until("answer over https", func() bool {
		response, err := client.Get("https://" + domain + "/notes")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
}
