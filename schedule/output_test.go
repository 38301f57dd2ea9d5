package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"
)

func TestOutputIsKeptWithTheRun(t *testing.T) {
	t.Parallel()
	var log journal
	logger := slog.New(Keep(log.logger().Handler())).With("app", "x")
	var s Schedule
	s.Add("task", func(ctx context.Context) error {
		Logger(ctx).Info("one", "n", 1)
		Logger(ctx).WithGroup("g").With("a", 1).Warn("two", "b", 2)
		logger.WithGroup("g").InfoContext(ctx, "three", "n", 3)
		logger.Info("not of the run")
		slog.New(slog.DiscardHandler).InfoContext(ctx, "nor this")
		Logger(ctx).Debug("nor what is not logged")
		fmt.Fprintln(Output(ctx), "four")
		if Due(ctx).IsZero() || Due(ctx).Location() != time.UTC {
			t.Errorf("due at %s", Due(ctx))
		}
		return errors.New("no disk")
	})
	run, _ := (&Runner{Schedule: &s, Logger: logger}).RunTask(t.Context(), "task")
	want := []string{
		`level=INFO msg=one app=x task=task n=1`, `level=WARN msg=two app=x task=task g.a=1 g.b=2`,
		`level=INFO msg=three app=x g.n=3`, `four`,
	}
	lines := strings.Split(strings.TrimSuffix(run.Output, "\n"), "\n")
	for i, line := range lines {
		if at := strings.Index(line, "level="); at > 0 {
			lines[i] = line[at:]
		}
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the output is\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	for _, line := range want[:3] {
		if !strings.Contains(log.String(), line) {
			t.Errorf("the log lacks %s:\n%s", line, log.String())
		}
	}
	if n, err := Output(t.Context()).Write([]byte("x")); n != 1 || err != nil || Logger(t.Context()) != slog.Default() {
		t.Error("outside of a run")
	}
}

func TestTheEndOfTheOutputIsKept(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		write func(ctx context.Context)
		want  func(got string) bool
	}{
		"many lines": {func(ctx context.Context) {
			for i := range 10_000 {
				fmt.Fprintln(Output(ctx), "line", i)
			}
		}, func(got string) bool {
			return strings.HasPrefix(got, "line ") && strings.HasSuffix(got, "line 9999\n") && len(got) > longestOutput-20
		}},
		"one long text":      {func(ctx context.Context) { fmt.Fprint(Output(ctx), strings.Repeat("x", 1<<20), "end") }, func(got string) bool { return len(got) == longestOutput && strings.HasSuffix(got, "xend") }},
		"half a character":   {func(ctx context.Context) { fmt.Fprint(Output(ctx), strings.Repeat("é", 1<<14), "e") }, utf8.ValidString},
		"what is no text":    {func(ctx context.Context) { _, _ = Output(ctx).Write([]byte{'a', 0, 0xff, 'b'}) }, func(got string) bool { return got == "a\uFFFDb" }},
		"from many at once":  {manyWriters, func(got string) bool { return len(got) == 500 }},
		"nothing whatsoever": {func(context.Context) {}, func(got string) bool { return got == "" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Schedule
			s.Add("task", func(ctx context.Context) error { tt.write(ctx); return nil })
			run, err := (&Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}).RunTask(t.Context(), "task")
			if err != nil || !tt.want(run.Output) {
				t.Errorf("%d bytes, %v: %.100q … %q", len(run.Output), err, run.Output, run.Output[max(0, len(run.Output)-20):])
			}
		})
	}
}

func manyWriters(ctx context.Context) {
	var writers sync.WaitGroup
	for range 100 {
		writers.Go(func() { fmt.Fprint(Output(ctx), "12345") })
	}
	writers.Wait()
}

func TestPings(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	asked := map[string][]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			time.Sleep(200 * time.Millisecond)
		}
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
		mu.Lock()
		defer mu.Unlock()
		asked[r.URL.Query().Get("task")] = append(asked[r.URL.Query().Get("task")], r.URL.Path)
	}))
	t.Cleanup(server.Close)
	var s Schedule
	for name, failure := range map[string]error{"good": nil, "bad": errors.New("no disk")} {
		s.Add(name, func(context.Context) error { return failure }).PingBefore(server.URL + "/slow?task=" + name).
			PingOnSuccess(server.URL + "/succeeded?task=" + name).PingOnFailure(server.URL + "/failed?task=" + name).ThenPing(server.URL + "/after?task=" + name)
	}
	s.Add("careless", nothing).ThenPing(server.URL + "/broken?secret=sesame").PingBefore("http://127.0.0.1:1/secret=sesame")
	var log journal
	r := &Runner{Schedule: &s, Logger: log.logger()}
	_, _ = r.RunTask(t.Context(), "good")
	_, _ = r.RunTask(t.Context(), "bad")
	if _, err := r.RunTask(t.Context(), "careless"); err != nil {
		t.Errorf("pings that fail: %v", err)
	}
	for name, want := range map[string]string{"good": "/succeeded", "bad": "/failed"} {
		got := asked[name]
		if len(got) != 3 || got[0] != "/slow" || !slices.Contains(got, want) || !slices.Contains(got, "/after") {
			t.Errorf("pings of %s: %q", name, got)
		}
	}
	if n := strings.Count(log.String(), "a ping failed"); n != 2 || strings.Contains(log.String(), "sesame") || !strings.Contains(log.String(), "answered 500") {
		t.Errorf("the log:\n%s", log.String())
	}
}

func TestCommands(t *testing.T) {
	t.Parallel()
	s := Schedule{Execute: func(ctx context.Context, command []string) error {
		fmt.Fprintf(Output(ctx), "%q", command)
		return nil
	}}
	s.Command("reports:send", "--weekly").Mondays()
	s.Command("reports:send", "--weekly").As("again")
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	for _, name := range []string{"reports:send --weekly", "again"} {
		run, err := (&Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}).RunTask(t.Context(), name)
		if err != nil || run.Output != `["reports:send" "--weekly"]` || run.Name != name {
			t.Errorf("%+v, %v", run, err)
		}
	}
}
