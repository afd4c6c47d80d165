package transport_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(idleClientEnv); addr != "" {
		os.Exit(runIdleClient(addr))
	}
	goleak.VerifyTestMain(m)
}
