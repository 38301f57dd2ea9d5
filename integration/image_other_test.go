//go:build image && !linux

package integration_test

import "testing"

func withoutDocker(t *testing.T) engine {
	t.Helper()
	t.Fatal("the image test needs Docker here: install Docker Desktop and start it")
	return nil
}
