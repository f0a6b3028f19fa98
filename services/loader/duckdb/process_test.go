package duckdb_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/services/loader/sink"
)

func TestHeldByAnalyst(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, three)
	holder, out := start(t, "hold", order{Config: config(s.path)})
	if !bufio.NewScanner(out).Scan() {
		t.Fatal("the other process did not open the file")
	}
	_, err := s.Load(t.Context(), b)
	if err == nil {
		t.Fatal("loaded into a file that another process has open")
	}
	if _, ok := stage.Delay(err); !ok {
		t.Errorf("load: %v, want it to be tried again", err)
	}
	for _, word := range []string{s.path, fmt.Sprintf("process %d", holder.Process.Pid), "duckdb.test", "disconnect"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("error %q does not say %q", err, word)
		}
	}
	// While a load waits, the analyst goes.
	done := make(chan error, 1)
	patient := config(s.path)
	patient.LockWait = time.Minute
	again, out := start(t, "load", order{Config: patient, Batches: []sink.Batch{b}})
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	go func() { done <- holder.Wait() }()
	got, err := io.ReadAll(out)
	if err != nil || !strings.HasPrefix(string(got), "loaded 3 skipped 0\n") {
		t.Errorf("load after the analyst: %q, %v", got, err)
	}
	if err := again.Wait(); err != nil {
		t.Error(err)
	}
	<-done
}

// TestKilled kills a loading process at random moments and starts it again, until it has survived to the end.
func TestKilled(t *testing.T) {
	t.Parallel()
	const objects, rows, kills = 12, 20_000, 15
	s := setup(t)
	var batches []sink.Batch
	for i := range objects {
		// Neighbours share half of their rows, so that a repeated or torn load shows, and each has a member of its own.
		batches = append(batches, object(t, s.dir, fmt.Sprintf(`SELECT 'acme' AS tenant_id, 'i' || i AS interactionId,
			md5(i::VARCHAR) AS note, i * 3 AS n, [{'of%d': i, 'n': i * 3}] AS nested FROM range(%d, %d) r(i)`, i, i*rows/2, i*rows/2+rows)))
	}
	s.load(object(t, s.dir, `SELECT '' AS tenant_id, '' AS interactionId, '' AS note, 0::BIGINT AS n WHERE false`), sink.Result{})
	random := rand.New(rand.NewPCG(1, 2))
	killed := 0
	for killed < kills {
		cmd, out := start(t, "load", order{Config: config(s.path), Batches: batches})
		lines := bufio.NewScanner(out)
		// Some die while the file is opened, most in or between two transactions.
		for range random.IntN(3) {
			lines.Scan()
		}
		timer := time.AfterFunc(time.Duration(random.IntN(60_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err == nil {
			timer.Stop()
			// It was faster than the kill: begin anew.
			s.query(`DELETE FROM interaction`)
			s.query(`DELETE FROM maskrail_ledger`)
			continue
		}
		killed++
		s.expect(`SELECT count(*) - count(DISTINCT interactionId) FROM interaction`, "0")
		s.expect(`SELECT (SELECT count(*) FROM interaction) - (SELECT coalesce(sum(loaded), 0)::BIGINT FROM maskrail_ledger WHERE rows > 0)`, "0")
	}
	cmd, out := start(t, "load", order{Config: config(s.path), Batches: batches})
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	total := (objects + 1) * rows / 2
	s.expect(`SELECT count(*), count(DISTINCT interactionId), count(*) FILTER (note = md5((n // 3)::VARCHAR) AND interactionId = 'i' || (n // 3) AND nested[1].n = n) FROM interaction`,
		fmt.Sprintf("%d|%d|%d", total, total, total))
	s.expect(`SELECT count(nested[1].of0), count(nested[1].of11), min(nested[1].of11) FROM interaction`, fmt.Sprintf("%d|%d|%d", rows, rows/2, (objects+1)*rows/2-rows/2))
	s.expect(`SELECT count(*), sum(loaded)::BIGINT, sum(rows)::BIGINT FROM maskrail_ledger WHERE rows > 0`,
		fmt.Sprintf("%d|%d|%d", objects, total, objects*rows))
}

func TestDiskFull(t *testing.T) {
	t.Parallel()
	s := setup(t)
	b := object(t, s.dir, `SELECT 'globex' AS tenant_id, 'i' || i AS interactionId, md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS note FROM range(200000) r(i)`)
	small := object(t, s.dir, three)
	run := func(o order) string {
		cmd, out := start(t, "load", o)
		got, err := io.ReadAll(out)
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatal(err)
		}
		return string(got)
	}
	got := run(order{Config: config(s.path), Batches: []sink.Batch{small, b}, MaxFile: 4 << 20})
	if first, second, _ := strings.Cut(got, "\n"); first != "loaded 3 skipped 0" || !strings.HasPrefix(second, "full: ") ||
		!strings.Contains(second, s.dir) || !strings.Contains(second, "nothing was loaded") {
		t.Errorf("load on a full disk: %q", got)
	}
	s.expect(`SELECT count(*) FROM interaction`, "3")
	if got := run(order{Config: config(s.path), Batches: []sink.Batch{b}}); !strings.HasPrefix(got, "loaded 200000 skipped 0") {
		t.Errorf("load with room again: %q", got)
	}
	s.expect(`SELECT count(*) FROM interaction`, "200003")
}
