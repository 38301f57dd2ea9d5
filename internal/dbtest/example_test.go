//go:build unix

package dbtest_test

import (
	"testing"

	"github.com/kitgo/kit/internal/dbtest"
)

func Example() {
	_ = func(t *testing.T) {
		server := dbtest.StartPostgres(t)
		server.CreateDatabase(t, "app")
		server.Stop()  // what does the program do now?
		server.Start() // and does it recover?
	}
}
