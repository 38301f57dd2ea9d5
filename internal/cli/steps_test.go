package cli

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatTakesLongSaysWhy(t *testing.T) {
	t.Parallel()
	failed := errors.New("failed")
	for took, want := range map[time.Duration]string{patience - time.Millisecond: "", patience + time.Millisecond: "  … because\n"} {
		synctest.Test(t, func(t *testing.T) {
			var out strings.Builder
			err := steps{err: &out}.while("because", func() error { time.Sleep(took); return failed })
			if !errors.Is(err, failed) || out.String() != want {
				t.Errorf("after %s: %q %v, want %q", took, out.String(), err, want)
			}
		})
	}
}
