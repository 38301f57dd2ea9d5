//go:build !linux

package sdnotify

// Reloading says that the service begins to reload now.
func Reloading() string { return "RELOADING=1" }
