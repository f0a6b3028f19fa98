package e2e

import (
	"testing"
	"time"

	generate "github.com/maskrail/maskrail/libs/synth"
)

// Each worker starts for the first time when its work is already there: on servers that were provisioned for the
// environment nothing passes it by.
func TestLateWorkers(t *testing.T) {
	t.Parallel()
	c := newCluster(t, policyFile(t))
	work, ends := c.watch(t)
	file := dropped{path: t.TempDir() + "/in.parquet", key: "interaction/in.parquet", seed: 1, rows: 1000}
	if err := generate.Write(t.Context(), generate.File{Path: file.path, Entity: generate.Interactions, Seed: file.seed, Rows: file.rows}, nil); err != nil {
		t.Fatal(err)
	}
	file.object = c.put(t, file.path, file.key)
	for _, name := range services {
		select {
		case <-work[name]:
		case <-time.After(limit):
			t.Fatalf("no work arrived for the %s", name)
		}
		c.workers[name].start(t)
	}
	if loaded := c.settle(t, []dropped{file}, ends); loaded != file.rows {
		t.Errorf("%d rows loaded, want %d", loaded, file.rows)
	}
	c.stop(t)
	for _, diff := range compare(wanted([]dropped{file}), sandboxRows(t, c.sandbox(), "true")) {
		t.Error(diff)
	}
}
