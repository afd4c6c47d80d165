package classic_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if env := os.Getenv(idleClientEnv); env != "" {
		os.Exit(runIdleClient(env))
	}
	goleak.VerifyTestMain(m)
}
