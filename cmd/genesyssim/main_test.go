package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/app"
)

func TestFlags(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "script.yaml")
	if err := os.WriteFile(script, []byte("faults: [{on: /oauth/token, do: reset}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := parse([]string{
		"--seed", "9", "--from", "2026-03-01", "--every", "1m", "--tenants", "a,b", "--lag", "2h", "--per-minute", "180", "--script", script,
		"--s3-endpoint", "http://127.0.0.1:1", "--s3-access-key", "key", "--s3-path-style", "--job-kept", "10m", "--client-id", "me",
	}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	c := o.config
	if c.Seed != 9 || !c.From.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || c.Every != time.Minute || len(c.Tenants) != 2 ||
		c.Lag != 2*time.Hour || c.Quota.PerMinute != 180 || len(c.Faults) != 1 || c.Jobs.Kept != 10*time.Minute || c.Clients[0].ID != "me" ||
		c.Clients[0].Secret != "simulated-secret" || o.s3.Endpoint == "" || !o.s3.PathStyle {
		t.Errorf("%+v", o)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if o, err := parse([]string{"--help"}, &out); o != nil || err != nil || !strings.Contains(out.String(), "-script") {
		t.Errorf("%v %v %s", o, err, out.String())
	}
}

func TestWrongFlags(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "script.yaml")
	if err := os.WriteFile(broken, []byte("fault: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, says string
		args       []string
	}{
		{"unknown", "-sead", []string{"--sead", "9"}},
		{"argument", "has no arguments", []string{"9"}},
		{"no time", "--from: want a time", []string{"--from", "soon"}},
		{"no script", "--script: open", []string{"--script", "nowhere.yaml"}},
		{"broken script", `unknown field "fault"`, []string{"--script", broken}},
		{"broken configuration", "every", []string{"--every", "1ns"}},
		{"no address", "--addr", []string{"--addr", "nowhere"}},
		{"no S3", "s3 endpoint", []string{"--s3-endpoint", "nowhere", "--s3-region", "x"}},
	} {
		o, err := parse(c.args, io.Discard)
		if err == nil {
			err = serve(t.Context(), o, io.Discard)
		}
		if err == nil || !strings.Contains(err.Error(), c.says) || !app.IsUsage(err) && c.name != "no address" {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"--addr", "127.0.0.1:0"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- serve(ctx, o, in) }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	url := strings.TrimSpace(strings.TrimPrefix(line, "login and API: "))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/oauth/token", strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("maskrail", "simulated-secret")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("token: %d", resp.StatusCode)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
