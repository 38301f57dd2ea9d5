//go:build targets

package cli_test

import "testing"

// TestTargets compiles everything once for each system, which takes minutes.
func TestTargets(t *testing.T) { runScripts(t, "targets") }
