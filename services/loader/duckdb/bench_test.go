package duckdb_test

import (
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/services/loader/duckdb"
	"github.com/maskrail/maskrail/services/loader/sink"
)

// wide is rows of masked interactions with twenty columns, numbered from first.
func wide(first, rows int) string {
	r := strings.NewReplacer("FIRST", strconv.Itoa(first), "LAST", strconv.Itoa(first+rows))
	return r.Replace(`SELECT CASE WHEN i % 2 = 0 THEN 'acme' ELSE 'globex' END AS tenant_id, h[1:8] || '-' || h[9:12] || '-4' || h[14:16] || '-8' || h[18:20] || '-' || h[21:32] AS interactionId,
		TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS startTime, i % 3600000 AS durationMs, '+999' || (100000000000 + hash(i) % 900000000000) AS phoneNumber,
		h[1:26] || '@masked.invalid' AS emailAddress, 'User_' || h[3:28] AS firstName, 'User_' || h[5:30] AS lastName,
		'4' || (100000000000000 + hash(i + 1) % 900000000000000) AS cardNumber, '[MASKED]' AS ssn, DATE '1931-01-01' + (365 * (i % 60))::INT AS dateOfBirth,
		'the caller said that ' || h || ' and asked for ' || reverse(h) || ' once more' AS notes, 'q-' || i % 40 AS queueId, 'voice' AS mediaType,
		i % 2 = 0 AS resolved, i % 100 / 10.0 AS score, (i % 7)::INT AS transfers, 'en-US' AS language, 'wrap-' || i % 12 AS wrapUp, h AS customerId
		FROM (SELECT i, md5(i::VARCHAR) AS h FROM range(FIRST, LAST) r(i))`)
}

// TestMemory holds a process with the default limits to the memory that its configuration speaks of.
func TestMemory(t *testing.T) {
	const rows, limit = 400_000, 600 << 10 // KiB
	s := setup(t)
	c := duckdb.Default("box", s.path)
	got := loadInChild(t, order{Config: c, Batches: []sink.Batch{object(t, s.dir, wide(0, rows)), object(t, s.dir, wide(rows, rows))}})
	if got > limit {
		t.Errorf("peak of %d KiB, must stay under %d", got, limit)
	}
	t.Logf("peak %d MiB", got>>10)
}

// loadInChild returns the peak resident memory in KiB of a process that loads the batches.
func loadInChild(t testing.TB, o order) int64 {
	t.Helper()
	cmd, out := start(t, "load", o)
	text, err := io.ReadAll(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	_, kib, found := strings.Cut(strings.TrimSpace(string(text)), "peak ")
	peak, err := strconv.ParseInt(kib, 10, 64)
	if !found || err != nil {
		t.Fatalf("no peak in %q", text)
	}
	return peak
}

// BenchmarkLoad is a million rows of twenty columns, with the default limits and in a process of its own, into an
// empty sandbox, beside a million others, and again.
func BenchmarkLoad(b *testing.B) {
	const rows = 1_000_000
	dir := b.TempDir()
	first, second := object(b, dir, wide(0, rows)), object(b, dir, wide(rows, rows))
	again := first
	again.Line.SHA256 = "again" // not in the ledger: every row is compared
	for _, c := range []struct {
		name          string
		before, batch *sink.Batch
	}{{"empty", nil, &first}, {"beside", &first, &second}, {"again", &first, &again}} {
		b.Run(c.name, func(b *testing.B) {
			var peak int64
			var spent time.Duration
			for b.Loop() {
				b.StopTimer()
				s := setup(b)
				o := order{Config: duckdb.Default("box", s.path)}
				if c.before != nil {
					loadInChild(b, order{Config: o.Config, Batches: []sink.Batch{*c.before}})
				}
				o.Batches = []sink.Batch{*c.batch}
				b.StartTimer()
				start := time.Now()
				peak = max(peak, loadInChild(b, o))
				spent += time.Since(start)
			}
			b.ReportMetric(float64(peak)/1024, "peak-MiB")
			b.ReportMetric(float64(b.N)*rows/spent.Seconds(), "rows/s")
		})
	}
}
