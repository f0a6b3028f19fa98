package stack

import (
	"bytes"
	"fmt"
	"os"
	"testing"
)

func TestGatewaySecretsStayOffTheProcessList(t *testing.T) {
	t.Parallel()
	g := runGateway(t, gatewayConfig(t.TempDir()))
	for _, f := range []string{"cmdline", "environ"} {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", g.PID(), f))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte("canary")) {
			t.Errorf("%s of the process holds the secret key", f)
		}
	}
}
