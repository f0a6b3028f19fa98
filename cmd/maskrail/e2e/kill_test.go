package e2e

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/libs/objref"
	generate "github.com/maskrail/maskrail/libs/synth"
)

var killSeed = flag.Uint64("kill.seed", 0, "seed of TestKill; 0 takes a new one")

// dropped is a file on its way through the pipeline.
type dropped struct {
	path, key string
	seed      uint64
	rows      int64
	object    objref.Object // set when it was put
}

// drops writes twenty files of all formats. The second holds rows of the first.
func drops(t *testing.T, rng *rand.Rand) []dropped {
	t.Helper()
	formats := []string{"parquet", "csv", "jsonl", "parquet", "csv.gz", "jsonl.zst", "parquet"}
	dir, out := t.TempDir(), make([]dropped, 20)
	for i := range out {
		d := dropped{seed: uint64(100 + i), rows: 2000 + rng.Int64N(2000)}
		if i == 1 {
			d.seed = out[0].seed
		}
		name := fmt.Sprintf("%02d.%s", i, formats[i%len(formats)])
		d.path, d.key = filepath.Join(dir, name), "interaction/"+name
		if err := generate.Write(t.Context(), generate.File{Path: d.path, Entity: generate.Interactions, Seed: d.seed, Rows: d.rows}, nil); err != nil {
			t.Fatal(err)
		}
		out[i] = d
	}
	return out
}

// strike is one moment at which workers are killed.
type strike struct {
	victims []string
	aimed   bool          // when the first victim's work arrives, or else at any time
	wait    time.Duration // since then
	down    time.Duration // until they come back
	again   time.Duration // kill them once more so long after they came back; 0 means no
}

func (s strike) String() string {
	return fmt.Sprintf("%s aimed=%v wait=%v down=%v again=%v", strings.Join(s.victims, "+"), s.aimed, s.wait, s.down, s.again)
}

// busy is about how long a worker has an object of a few thousand rows in hand, on an idle machine.
var busy = map[string]time.Duration{
	"exporter": 10 * time.Millisecond, "masker": 80 * time.Millisecond, "validator": 60 * time.Millisecond, "loader": 120 * time.Millisecond,
}

// strikes plans 46 kills: each worker at its work, at any time and while it starts, and some two at once.
func strikes(rng *rand.Rand) []strike {
	span := func(limit time.Duration) time.Duration { return 1 + time.Duration(rng.Int64N(int64(limit))) }
	var plan []strike
	for _, name := range append(services, services...) {
		one := []string{name}
		plan = append(plan,
			strike{victims: one, aimed: true, wait: span(busy[name])},
			strike{victims: one, aimed: true, wait: span(3 * busy[name]), down: span(300 * time.Millisecond)},
			strike{victims: one, wait: span(time.Second)},
			strike{victims: one, wait: span(200 * time.Millisecond), again: span([]time.Duration{15 * time.Millisecond, 400 * time.Millisecond}[rng.IntN(2)])})
	}
	for range 3 {
		two := rng.Perm(len(services))[:2]
		pair := []string{services[two[0]], services[two[1]]}
		plan = append(plan, strike{victims: pair, aimed: true, wait: span(2 * busy[pair[0]])})
	}
	rng.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
	return plan
}

// A worker that is killed at any moment and started again finishes the job: no row is lost and none comes twice.
func TestKill(t *testing.T) {
	t.Parallel()
	seed := *killSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d (again with -kill.seed %d)", seed, seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	files, plan := drops(t, rng), strikes(rng)
	c := newCluster(t, policyFile(t))
	work, ends := c.watch(t)
	c.start(t)

	begin := time.Now()
	put := 0
	for i, s := range plan {
		for ; put < len(files)*(i+1)/len(plan); put++ {
			files[put].object = c.put(t, files[put].path, files[put].key)
		}
		c.strike(t, s, work)
	}
	for ; put < len(files); put++ {
		files[put].object = c.put(t, files[put].path, files[put].key)
	}
	kills := 0
	for _, name := range services {
		w := c.workers[name]
		kills += w.kills
		t.Logf("%s: killed %d times", name, w.kills)
		if w.kills < 3 {
			t.Errorf("%s was killed %d times, want at least 3", name, w.kills)
		}
	}
	if kills < 20 {
		t.Errorf("%d kills, want at least 20", kills)
	}
	struck := time.Since(begin)
	loaded := c.settle(t, files, ends)
	t.Logf("%d kills in %v, settled after %v", kills, struck.Round(time.Millisecond), time.Since(begin).Round(time.Millisecond))
	c.workers["loader"].alive(t)
	for _, f := range files {
		if code, body := settled(t, "http://"+c.workers["loader"].address+"/refresh/"+objref.DropRun(f.object)); code != http.StatusOK {
			t.Errorf("%s: refresh answers %d %s\n%s", f.key, code, body, c.workers["loader"].tail())
		}
	}
	c.stop(t)

	want := wanted(files)
	if loaded != int64(len(want)) {
		t.Errorf("the messages tell of %d loaded rows, the files hold %d", loaded, len(want))
	}
	for _, diff := range compare(want, sandboxRows(t, c.sandbox(), "true")) {
		t.Error(diff)
	}
	c.checkLedger(t, files, int64(len(want)))
	c.checkBuckets(t, files)
	c.checkLeftovers(t, want)
	if !t.Failed() {
		compareIsNotBlind(t, c.sandbox(), want)
	}
}

// watch reads the bus from its beginning: where work arrives for which worker, and how objects end.
func (c *cluster) watch(t *testing.T) (work map[string]chan struct{}, ends chan objref.Ref) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	work, ends = map[string]chan struct{}{}, make(chan objref.Ref, 1000)
	follow := func(stream string, fn func(bus.Message)) {
		go func() {
			err := c.bus.Read(ctx, bus.Query{Stream: stream, Follow: true}, func(m bus.Message) error { fn(m); return nil })
			if ctx.Err() == nil {
				t.Errorf("read %s: %v", stream, err)
			}
		}()
	}
	for name, stream := range map[string]string{"exporter": bus.S3Events, "masker": bus.Raw, "validator": bus.Masked, "loader": bus.Validated} {
		arrived := make(chan struct{}, 1)
		work[name] = arrived
		follow(stream, func(bus.Message) {
			select {
			case arrived <- struct{}{}:
			default:
			}
		})
	}
	for _, stream := range []string{bus.Loaded, bus.Rejected, bus.Dead} {
		follow(stream, func(m bus.Message) {
			ref, _, err := objref.Decode(m)
			if err != nil {
				t.Errorf("stream %s holds something else than references: %s", stream, m.Subject)
				return
			}
			ends <- ref
		})
	}
	return work, ends
}

// strike kills and starts again.
func (c *cluster) strike(t *testing.T, s strike, work map[string]chan struct{}) {
	t.Helper()
	if s.aimed {
		timer := time.NewTimer(time.Second) // what this worker waits for may hang on another that was killed
		select {
		case <-work[s.victims[0]]: // perhaps of a moment ago
		default:
		}
		select {
		case <-work[s.victims[0]]:
		case <-timer.C:
		}
		timer.Stop()
	}
	after(t, s.wait)
	c.kill(t, s)
	after(t, s.down)
	for _, name := range s.victims {
		c.workers[name].start(t)
	}
	if s.again > 0 {
		after(t, s.again)
		c.kill(t, s)
		for _, name := range s.victims {
			c.workers[name].start(t)
		}
	}
}

func (c *cluster) kill(t *testing.T, s strike) {
	t.Helper()
	for _, name := range s.victims {
		if !c.workers[name].kill() {
			t.Fatalf("%s had ended by itself before it was killed (%s): %s", name, s, c.workers[name].tail())
		}
	}
}

// settle waits until every file has come to its end, once, and returns the rows that were loaded according to the
// messages.
func (c *cluster) settle(t *testing.T, files []dropped, ends <-chan objref.Ref) (loaded int64) {
	t.Helper()
	names := map[string]string{}
	for _, f := range files {
		names[f.object.Identity()] = f.key
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	seen := map[string]bool{}
	for len(seen) < len(names) {
		select {
		case ref := <-ends:
			id := ref.Origin().Identity()
			name, ours := names[id]
			switch {
			case !ours:
				t.Errorf("an object came to an end that nobody put: %s", ref.Origin().Key)
			case seen[id]:
				t.Errorf("%s came to an end twice", name)
			case ref.Outcome.State != objref.Loaded && ref.Outcome.State != objref.Skipped:
				t.Errorf("%s is %s: %s", name, ref.Outcome.State, ref.Outcome.Reason)
			default:
				loaded += ref.Outcome.Loaded
			}
			seen[id] = true
		case <-late.C:
			for id, name := range names {
				if !seen[id] {
					t.Errorf("%s has not come to an end", name)
				}
			}
			for _, name := range services {
				t.Logf("%s: %s", name, c.workers[name].tail())
			}
			t.FailNow()
		}
	}
	return loaded
}

// checkLedger looks for one line for each file.
func (c *cluster) checkLedger(t *testing.T, files []dropped, rows int64) {
	t.Helper()
	got := query(t, c.sandbox(), `SELECT count(*), count(DISTINCT source), count(DISTINCT object), count(DISTINCT object_sha256),
		sum(rows)::BIGINT, sum(loaded)::BIGINT, sum(skipped)::BIGINT FROM maskrail_ledger`)
	var all int64
	for _, f := range files {
		all += f.rows
	}
	n := len(files)
	if want := fmt.Sprint([]int64{int64(n), int64(n), int64(n), int64(n), all, rows, all - rows}); fmt.Sprint(got[0]) != want {
		t.Errorf("ledger: %v, want %s", got[0], want)
	}
}

// checkBuckets looks for one masked object with two attestations for each file, and nothing beside.
func (c *cluster) checkBuckets(t *testing.T, files []dropped) {
	t.Helper()
	masked := c.objects(t, c.common.Buckets.Masked)
	maps.DeleteFunc(masked, func(name, _ string) bool { return strings.HasPrefix(name, "_canary/") })
	const beside = 5 // two statements and three reports
	objects := 0
	for name := range masked {
		if !strings.HasSuffix(name, ".parquet") {
			continue
		}
		objects++
		proofs := 0
		for other := range masked {
			if rest, ok := strings.CutPrefix(other, name); ok && strings.HasSuffix(rest, ".dsse.json") {
				proofs++
			}
		}
		if proofs != 2 {
			t.Errorf("%s has %d attestations, want 2", name, proofs)
		}
	}
	if want := (1 + beside) * len(files); objects != len(files) || len(masked) != want { // and no sketch is left
		t.Errorf("masked bucket: %d objects and %d files, want %d and %d: %q", objects, len(masked), len(files), want, slices.Sorted(maps.Keys(masked)))
	}
	if q := c.objects(t, c.common.Buckets.Quarantine); len(q) != 0 {
		t.Errorf("quarantine bucket: %q, want nothing", slices.Sorted(maps.Keys(q)))
	}
}

// objects are the files of a bucket, without the byte of a worker that was killed while it tried the store.
func (c *cluster) objects(t *testing.T, bucket string) map[string]string {
	t.Helper()
	files := tree(t, c.bucket(bucket))
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasPrefix(name, "_probe/") })
	return files
}

// checkLeftovers looks for raw data where a killed worker may have left it: in temporary files and in logs.
func (c *cluster) checkLeftovers(t *testing.T, want map[string]generate.Interaction) {
	t.Helper()
	var values []string
	for _, row := range want {
		if values = append(values, row.PhoneNumber); row.EmailAddress != "" {
			values = append(values, row.EmailAddress)
		}
		if len(values) > 2000 {
			break
		}
	}
	repeated := 0
	for _, name := range services {
		w := c.workers[name]
		// A process that is killed between making a file and taking its name away leaves the name of an empty file.
		for file := range tree(t, w.temp) {
			if info, err := os.Stat(filepath.Join(w.temp, file)); err != nil || info.Size() > 0 {
				t.Errorf("%s left a file that is not empty: %s", name, file)
			}
		}
		log, err := os.ReadFile(w.log)
		if err != nil {
			t.Fatal(err)
		}
		text := string(log)
		if i := slices.IndexFunc(values, func(v string) bool { return strings.Contains(text, v) }); i >= 0 {
			t.Errorf("%s logged a raw value: %s", name, values[i])
		}
		if strings.Contains(text, "panic") {
			t.Errorf("%s panicked; see its log", name)
		}
		repeated += again(text)
		t.Logf("%s: %d starts, %d deliveries came again", name, w.starts, again(text))
	}
	if repeated < 3 {
		t.Errorf("%d deliveries came again, want more: the kills missed the work", repeated)
	}
}

// again counts the log lines of deliveries after the first.
func again(log string) (n int) {
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"delivery":`) && !strings.Contains(line, `"delivery":1,`) {
			n++
		}
	}
	return n
}
