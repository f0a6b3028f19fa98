package e2e

import (
	"bufio"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A second environment is filled from history alone; its tokens have nothing in common with the first one's; and a
// replay of everything into the first changes neither bucket nor sandbox.
func TestReplay(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), policyFile(t), t.TempDir()
	base := []string{"--policy", policy, "--key-file", key, "--dir", dir, "--json"}
	cmd := func(name string, more ...string) result {
		return maskrail(t, append(append([]string{name}, base...), more...)...)
	}
	files := []string{synth(t, "a.parquet", 1500, 1), synth(t, "b.csv", 500, 2)}
	if r := cmd("run", files...).ok(t).report(t); r.Loaded != 2000 {
		t.Fatalf("run: %+v", r)
	}
	first := filepath.Join(dir, "sandbox.duckdb")
	const all = "SELECT * FROM interaction ORDER BY interactionId"
	rows, masked := query(t, first, all), tree(t, filepath.Join(dir, "s3", "maskrail-masked"))

	if r := cmd("replay", "--stage", "raw", "--env", "second", "--dry-run").ok(t).report(t); len(r.Objects) != 2 {
		t.Errorf("dry run: %+v", r)
	}
	if r := cmd("replay", "--stage", "raw", "--env", "second").ok(t).report(t); r.Loaded != 2000 || r.Rejected != 0 {
		t.Fatalf("replay into the second environment: %+v", r)
	}
	second := filepath.Join(dir, "second.duckdb")
	if got := one(t, second, "SELECT count(*) FROM interaction"); got != "2000" {
		t.Errorf("rows in the second sandbox: %s", got)
	}
	tokens := "SELECT unnest([phoneNumber, emailAddress, externalId, firstName, lastName, agentId]) AS v FROM interaction"
	inFirst := map[string]bool{}
	for _, r := range query(t, first, "SELECT DISTINCT v FROM ("+tokens+") WHERE v IS NOT NULL") {
		inFirst[r[0]] = true
	}
	for _, r := range query(t, second, "SELECT DISTINCT v FROM ("+tokens+") WHERE v IS NOT NULL") {
		if inFirst[r[0]] {
			t.Fatalf("token in both environments: %s", r[0])
		}
	}

	before := tree(t, filepath.Join(dir, "s3", "maskrail-masked"))
	for _, stage := range []string{"raw", "masked", "validated"} {
		r := cmd("replay", "--stage", stage).ok(t).report(t)
		if r.Loaded != 0 || r.Skipped != 2000 || r.Rejected != 0 {
			t.Errorf("replay %s into the first environment: %+v", stage, r)
		}
	}
	after := tree(t, filepath.Join(dir, "s3", "maskrail-masked"))
	if !maps.Equal(before, after) {
		t.Error("replay changed the masked bucket")
	}
	for name, sum := range masked {
		if after[name] != sum {
			t.Errorf("masked object %s changed", name)
		}
	}
	again := query(t, first, all)
	if len(again) != len(rows) {
		t.Fatalf("rows: %d, want %d", len(again), len(rows))
	}
	for i := range rows {
		if strings.Join(rows[i], "\x00") != strings.Join(again[i], "\x00") {
			t.Fatalf("row %d changed", i)
		}
	}

	if r := cmd("replay", "--stage", "raw", "--until", "2020-01-01").ok(t); !strings.Contains(r.stdout, `"rows":0`) {
		t.Errorf("nothing to replay: %s", r.stdout)
	}
	if r := cmd("replay", "--stage", "raw", "--entity", "conversation").ok(t).report(t); len(r.Objects) != 0 {
		t.Errorf("another entity: %+v", r)
	}
}

// up is a stack that runs until the test ends.
type up struct {
	cmd  *exec.Cmd
	info struct{ S3, NATS, HTTP, Credentials string }
	err  *strings.Builder
}

func startUp(t *testing.T, args ...string) *up {
	t.Helper()
	u := &up{cmd: exec.Command(filepath.Join(bin, "maskrail"), append([]string{"up", "--json"}, args...)...), err: &strings.Builder{}}
	out, err := u.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	u.cmd.Stderr = u.err
	if err := u.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { u.cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("up said nothing: %v\n%s", err, u.err)
	}
	if err := json.Unmarshal([]byte(line), &u.info); err != nil {
		t.Fatalf("up: %v: %s", err, line)
	}
	return u
}

func (u *up) stop(t *testing.T) {
	t.Helper()
	if err := u.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(limit, func() { u.cmd.Process.Kill() })
	defer timer.Stop()
	if err := u.cmd.Wait(); err != nil {
		t.Errorf("up did not stop cleanly: %v\n%s", err, u.err)
	}
}

// Commands use the stack that runs on their folder, also for an environment that it does not serve.
func TestUp(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), policyFile(t), t.TempDir()
	base := []string{"--policy", policy, "--key-file", key, "--dir", dir}
	u := startUp(t, base...)
	in := synth(t, "a.parquet", 800, 1)

	r := maskrail(t, append(append([]string{"run"}, base...), "--json", in)...).ok(t).report(t)
	if r.Loaded != 800 {
		t.Errorf("run beside up: %+v", r)
	}
	if code, body := settled(t, u.info.HTTP+"/refresh/"+r.Run); code != http.StatusOK {
		t.Errorf("refresh of a loaded run: %d %s", code, body)
	}
	if code, _ := get(t, u.info.HTTP+"/refresh/nonesuch"); code != http.StatusNotFound {
		t.Errorf("refresh of no run: %d", code)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		if code, body := get(t, u.info.HTTP+path); code != http.StatusOK {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	bad := maskrail(t, append(append([]string{"run"}, base...), "--json", write(t, "bad.csv", "interactionId,x\n1,2\n"))...)
	if bad.code != 1 {
		t.Errorf("bad file beside up: %d %s", bad.code, bad.stdout)
	}
	if code, body := settled(t, u.info.HTTP+"/refresh/"+bad.report(t).Run); code != http.StatusConflict {
		t.Errorf("refresh of a refused run: %d %s", code, body)
	}
	if r := maskrail(t, append(append([]string{"replay"}, base...), "--env", "second", "--json")...).report(t); r.Loaded != 800 {
		t.Errorf("replay beside up: %+v", r)
	}
	// The same by addresses, as against servers on other machines.
	remote := maskrailEnv(t, []string{"AWS_SHARED_CREDENTIALS_FILE=" + u.info.Credentials, "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY="},
		"replay", "--policy", policy, "--key-file", key, "--nats", u.info.NATS, "--s3", u.info.S3, "--stage", "validated", "--json")
	if r := remote.ok(t).report(t); r.Loaded != 0 || r.Skipped != 800 {
		t.Errorf("replay by addresses: %+v", r)
	}
	other := maskrail(t, "run", "--policy", policy, "--key-file", keyFile(t), "--dir", dir, in)
	if other.code != 2 || !strings.Contains(other.stderr, "another key") {
		t.Errorf("another key beside up: %d %s", other.code, other.stderr)
	}
	twice := maskrail(t, append([]string{"up"}, base...)...)
	if twice.code != 1 || !strings.Contains(twice.stderr, "in use") {
		t.Errorf("up twice: %d %s", twice.code, twice.stderr)
	}
	u.stop(t)
	if _, err := os.Stat(filepath.Join(dir, "stack.json")); err == nil {
		t.Error("stack.json is left behind")
	}
}

// A port that is taken is named.
func TestUpPortTaken(t *testing.T) {
	t.Parallel()
	key, policy := keyFile(t), policyFile(t)
	u := startUp(t, "--policy", policy, "--key-file", key, "--dir", t.TempDir())
	for flag, addr := range map[string]string{"--nats-port": u.info.NATS, "--s3-port": u.info.S3, "--http-port": u.info.HTTP} {
		port := addr[strings.LastIndex(addr, ":")+1:]
		r := maskrail(t, "up", "--policy", policy, "--key-file", key, "--dir", t.TempDir(), flag, port)
		if r.code != 1 || !strings.Contains(r.stderr, port) || !strings.Contains(r.stderr, "taken") {
			t.Errorf("%s: code %d: %s", flag, r.code, r.stderr)
		}
	}
	u.stop(t)
}

// settled asks until the answer is no longer "not yet": states follow the outcome by a moment.
func settled(t *testing.T, url string) (int, string) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(limit); time.Now().Before(end); {
		if code, body := get(t, url); code != http.StatusAccepted {
			return code, body
		}
		<-ticker.C
	}
	return get(t, url)
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}
