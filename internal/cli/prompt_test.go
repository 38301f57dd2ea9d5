package cli

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
)

func TestPrompt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typed, want string
		questions   int
	}{
		"an answer":                          {"shop\n", "shop", 1},
		"nothing means the default":          {"\n", "my-kit-app", 1},
		"a bad answer is asked for again":    {"2shop\nshop\n", "shop", 2},
		"spaces around it do not count":      {"  shop \r\n", "shop", 1},
		"the last line may be without break": {"shop", "shop", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			p := &prompt{in: strings.NewReader(tt.typed), out: &out}
			got, err := p.ask(t.Context(), "Name", "my-kit-app", checkName)
			if err != nil || got != tt.want {
				t.Errorf("ask = %q, %v, want %q", got, err, tt.want)
			}
			if n := strings.Count(out.String(), "Name [my-kit-app]: "); n != tt.questions {
				t.Errorf("asked %d times, want %d:\n%s", n, tt.questions, &out)
			}
		})
	}
}

func TestPromptOnAClosedInput(t *testing.T) {
	t.Parallel()
	p := &prompt{in: strings.NewReader(""), out: io.Discard}
	if _, err := p.ask(t.Context(), "Name", "app", checkName); !errors.Is(err, io.EOF) {
		t.Errorf("error %v, want io.EOF", err)
	}
}

// Ctrl-C must not wait for the line's end.
func TestPromptIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		reader, writer := io.Pipe()
		defer writer.Close()
		done := make(chan error)
		go func() {
			_, err := (&prompt{in: reader, out: io.Discard}).ask(ctx, "Name", "app", checkName)
			done <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, errInterrupted) {
			t.Errorf("error %v, want %v", err, errInterrupted)
		}
	})
}

func TestSupportedNode(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"18.20.4": false, "20.18.3": false, "20.19.0": true, "21.7.3": false, "22.11.0": false, "22.12.0": true, "23.0.0": true, "24.1.0-nightly": true,
	} {
		major, minor, ok := parseVersion(version)
		if !ok || supportedNode(major, minor) != want {
			t.Errorf("Node.js %s is supported: %v, want %v", version, !want, want)
		}
	}
}
