//go:build network

package integration_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// inNetwork says that the test binary runs in a network of its own.
const inNetwork = "KIT_TEST_NETWORK"

// The addresses of the database's machine and of the holder's, and their network.
const (
	serverAddress = "10.213.77.1"
	holderAddress = "10.213.77.2"
	network       = serverAddress + "/30"
)

// The cable of the machine whose process migrates is cut: nobody tells the database.
// It notices by itself, and an instance on another machine goes on.
func TestTheNetworkIsCut(t *testing.T) {
	if os.Getenv(inNetwork) == "" {
		inOwnNetwork(t)
		return
	}
	command := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	command("link", "set", "lo", "up")
	for _, where := range []string{"process", "database"} {
		t.Run(where, func(t *testing.T) {
			machine := startMachine(t)
			there := func(program string, args ...string) []string {
				return append([]string{"--target", strconv.Itoa(machine), "--net", program}, args...)
			}
			cable := "kit" + where[:2] + "0"
			onMachine := func(args ...string) {
				t.Helper()
				if out, err := exec.Command("nsenter", there("ip", args...)...).CombinedOutput(); err != nil {
					t.Fatalf("ip %s on the holder's machine: %v\n%s", strings.Join(args, " "), err, out)
				}
			}
			command("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", strconv.Itoa(machine))
			t.Cleanup(func() { command("link", "del", cable) })
			command("addr", "add", network, "dev", cable)
			command("link", "set", cable, "up")
			onMachine("addr", "add", holderAddress+"/30", "dev", "eth0")
			onMachine("link", "set", "eth0", "up")

			server := listening(t)
			near := server.URL("app")
			far := strings.Replace(near, "127.0.0.1", serverAddress, 1)
			vars := append(slowThird(far, where), "FIXTURE_SLOW_MIGRATION=15s")
			holder := start(t, "nsenter", vars, there(fixture(t), "migrate")...).untilMigrating()
			waiting := start(t, fixture(t), threeMigrations(near)).untilWaiting()
			onMachine("link", "set", "eth0", "down")
			cut := time.Now()
			waiting.until(20*time.Second, "ready", waiting.isReady)
			took := time.Since(cut).Round(time.Millisecond)
			t.Logf("ready %s after the cut", took)
			if took > 10*time.Second {
				t.Errorf("it was ready %s after the cut, want at most 10s", took)
			}
			whole(t, near)
			onMachine("link", "set", "eth0", "up")
			if code := holder.wait(time.Minute); code != 1 {
				t.Errorf("the holder's exit code is %d, want 1", code)
			}
			whole(t, near)
		})
	}
}

// inOwnNetwork runs the test in a process that has a network of its own.
func inOwnNetwork(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("this test makes networks, which needs root: sudo make test-network")
	}
	for program, pack := range map[string]string{"ip": "iproute2", "unshare": "util-linux", "nsenter": "util-linux"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("this test needs the program %s; install it: apt-get install %s", program, pack)
		}
	}
	test := exec.Command("unshare", "--net", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	test.Env = append(os.Environ(), inNetwork+"=1")
	out, err := test.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	} else {
		t.Logf("%s", out)
	}
}

// startMachine starts the network of another machine, and returns a process in it.
func startMachine(t *testing.T) (pid int) {
	t.Helper()
	keeper := exec.Command("unshare", "--net", "sh", "-c", "echo made; read -r _")
	input, err := keeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		_ = keeper.Wait()
	})
	if !bufio.NewScanner(output).Scan() {
		t.Fatal("unshare --net does not work here")
	}
	return keeper.Process.Pid
}

// listening starts a PostgreSQL server that other machines can reach.
func listening(t *testing.T) *dbtest.PostgresServer {
	t.Helper()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	db := open(t, server.URL("app"))
	var access string
	if err := db.QueryRowContext(t.Context(), "SHOW hba_file").Scan(&access); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(access, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(file, "host all all %s trust\n", network); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	execute(t, server.URL("app"), "ALTER SYSTEM SET listen_addresses = '*'")
	server.Stop()
	server.Start()
	return server
}
