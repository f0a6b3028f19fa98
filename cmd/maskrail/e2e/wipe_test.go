package e2e

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	generate "github.com/maskrail/maskrail/libs/synth"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/s3"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
)

// connectS3 opens an S3 server until the test ends.
func connectS3(t *testing.T, c app.S3) *s3.Store {
	t.Helper()
	store, err := s3.New(t.Context(), s3.Config{Endpoint: c.Endpoint, AccessKey: c.AccessKey, SecretKey: c.SecretKey, PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// found asks until the run is known and has settled: a sweep that comes upon an object makes its run.
func found(t *testing.T, url string) (code int, body string) {
	t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); after(t, 100*time.Millisecond) {
		code, body = get(t, url)
		if code != http.StatusNotFound && code != http.StatusAccepted {
			break
		}
	}
	return code, body
}

// offline runs the folder's S3 server alone, without the workers and with a bus that keeps nothing.
func offline(t *testing.T, dir string, work func(*s3.Store)) {
	t.Helper()
	servers, err := stack.StartServers(t.Context(), stack.Dir(dir))
	if err != nil {
		t.Fatal(err)
	}
	store := connectS3(t, servers.Common().S3)
	work(store)
	if err := errors.Join(store.Close(), servers.Close()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "nats")); err != nil {
		t.Fatal(err)
	}
}

// The bucket is the record of truth: a bus that lost everything is a delay. The sweep announces what lies there, what
// was loaded before is not loaded again, and what came while nothing ran is found.
func TestBusWiped(t *testing.T) {
	t.Parallel()
	key, policy, dir := keyFile(t), policyFile(t), filepath.Join(t.TempDir(), "data")
	base := []string{"--policy", policy, "--key-file", key, "--dir", dir,
		"--exporter-config", write(t, "exporter.yaml", "routes: [{prefix: interaction/, timeOrdered: true}]\n")}
	files := make([]dropped, 6)
	for i := range files {
		name := fmt.Sprintf("%d.%s", i, []string{"parquet", "csv", "jsonl"}[i%3])
		files[i] = dropped{path: filepath.Join(t.TempDir(), name), key: "interaction/" + name, seed: uint64(i), rows: 500}
		if err := generate.Write(t.Context(), generate.File{Path: files[i].path, Entity: generate.Interactions, Seed: files[i].seed, Rows: files[i].rows}, nil); err != nil {
			t.Fatal(err)
		}
	}
	raw, bucket := app.DefaultCommon().Buckets.Raw, stack.Dir(dir).Bucket(app.DefaultCommon().Buckets.Masked)
	expectLoaded := func(u *up, files []dropped) {
		t.Helper()
		for _, f := range files {
			if code, body := found(t, u.info.HTTP+"/refresh/"+objref.DropRun(f.object)); code != http.StatusOK {
				t.Fatalf("%s: refresh answers %d %s\n%s", f.key, code, body, u.err)
			}
		}
		for _, diff := range compare(wanted(files), sandboxRows(t, filepath.Join(dir, "sandbox.duckdb"), "true")) {
			t.Error(diff)
		}
		if got, want := one(t, filepath.Join(dir, "sandbox.duckdb"), "SELECT count(*) || '/' || count(DISTINCT object_sha256) FROM maskrail_ledger"), fmt.Sprintf("%d/%d", len(files), len(files)); got != want {
			t.Errorf("ledger: %s objects, want %s", got, want)
		}
	}

	// Two files come while nothing runs on a new folder, two while everything runs.
	offline(t, dir, func(store *s3.Store) {
		if err := store.EnsureBucket(t.Context(), raw); err != nil {
			t.Fatal(err)
		}
		for i := range 2 {
			files[i].object = put(t, store, raw, files[i].path, files[i].key)
		}
	})
	u := startUp(t, base...)
	store := u.store(t)
	for i := 2; i < 4; i++ {
		files[i].object = put(t, store, raw, files[i].path, files[i].key)
	}
	expectLoaded(u, files[:4])
	u.stop(t)
	masked := tree(t, bucket)

	// The bus is lost, and one more file comes before it is back.
	if err := os.RemoveAll(filepath.Join(dir, "nats")); err != nil {
		t.Fatal(err)
	}
	offline(t, dir, func(store *s3.Store) { files[4].object = put(t, store, raw, files[4].path, files[4].key) })
	u = startUp(t, base...)
	expectLoaded(u, files[:5])
	files[5].object = put(t, u.store(t), raw, files[5].path, files[5].key)
	expectLoaded(u, files)
	u.stop(t)

	again := tree(t, bucket)
	maps.DeleteFunc(again, func(name, _ string) bool { _, before := masked[name]; return !before })
	if !maps.Equal(masked, again) {
		t.Error("the second time changed masked objects of the first")
	}

	// A file that somebody lays into the folder of the bucket is an object, too.
	hand := dropped{path: files[0].path, key: "interaction/by-hand.parquet", seed: 99, rows: 300}
	if err := generate.Write(t.Context(), generate.File{Path: stack.Dir(dir).Bucket(raw) + "/" + hand.key, Entity: generate.Interactions, Seed: hand.seed, Rows: hand.rows}, nil); err != nil {
		t.Fatal(err)
	}
	u = startUp(t, base...)
	o, err := u.store(t).Head(t.Context(), blob.Location{Bucket: raw, Key: hand.key})
	if err != nil {
		t.Fatal(err)
	}
	hand.object = objref.From(o)
	expectLoaded(u, append(files, hand))
	u.stop(t)
}

// store is the S3 server of a running stack, with the key that it tells of.
func (u *up) store(t *testing.T) *s3.Store {
	t.Helper()
	b, err := os.ReadFile(u.info.Credentials)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, "=")
		values[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	return connectS3(t, app.S3{Endpoint: u.info.S3, AccessKey: values["aws_access_key_id"], SecretKey: keys.NewSecret([]byte(values["aws_secret_access_key"]))})
}
