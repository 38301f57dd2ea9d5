package inertia_test

import (
	"os"
	"testing"

	"github.com/kitgo/kit/internal/leaktest"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(m.Run)) }
