//go:build linux

package e2e

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// holderCommand makes the test binary a process with small disks in a mount namespace of its own. It runs commands there,
// and the disks are gone with it.
const holderCommand = "internal-test-disks"

func init() {
	if len(os.Args) > 1 && os.Args[1] == holderCommand {
		if err := holdDisks(os.Args[2:]); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// outcome is a result on its way from the holder.
type outcome struct {
	Code           int
	Stdout, Stderr string
}

// holdDisks mounts a disk for each "size=path", in order, and runs the command lines that come, until standard input ends.
func holdDisks(disks []string) error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	for _, d := range disks {
		size, path, _ := strings.Cut(d, "=")
		if err := os.MkdirAll(path, 0o700); err != nil {
			return err
		}
		if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "mode=0700,size="+size); err != nil {
			return fmt.Errorf("mount: %w", err)
		}
	}
	fmt.Println("ready")
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var args []string
		if err := in.Decode(&args); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var stdout, stderr strings.Builder
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); cmd.ProcessState == nil {
			return err
		}
		if err := out.Encode(outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}); err != nil {
			return err
		}
	}
}

// disk is a folder with small file systems that only commands run by it see under their name.
type disk struct {
	dir  string // for those commands
	root string // the same for everybody else
	in   *json.Encoder
	out  *json.Decoder
}

// disks mounts file systems for the time of the test, given as size=part of a new folder. It needs no root where the
// kernel lets users make namespaces.
func disks(t *testing.T, sizes ...string) *disk {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir, args := t.TempDir(), []string{holderCommand}
	for _, s := range sizes {
		size, part, _ := strings.Cut(s, "=")
		args = append(args, size+"="+filepath.Join(dir, part))
	}
	var failed error
	for _, attributes := range []*syscall.SysProcAttr{
		{Cloneflags: syscall.CLONE_NEWNS},
		{
			Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		},
	} {
		d, err := hold(t, exe, args, attributes)
		if err == nil {
			d.dir = dir
			d.root += dir
			return d
		}
		failed = errors.Join(failed, err)
	}
	t.Fatalf("no small disk can be mounted: run this test as root, or let users make namespaces "+
		"(sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0): %v", failed)
	return nil
}

func hold(t *testing.T, exe string, args []string, attributes *syscall.SysProcAttr) (*disk, error) {
	cmd := exec.Command(exe, args...)
	cmd.SysProcAttr = attributes
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	buffered := bufio.NewReader(out)
	line, err := buffered.ReadString('\n')
	if line != "ready\n" {
		in.Close()
		return nil, errors.Join(errors.New(strings.TrimSpace(line)), err, cmd.Wait())
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return &disk{root: fmt.Sprintf("/proc/%d/root", cmd.Process.Pid), in: json.NewEncoder(in), out: json.NewDecoder(buffered)}, nil
}

// maskrail runs a command line that sees the disks.
func (d *disk) maskrail(t *testing.T, args ...string) result {
	t.Helper()
	var o outcome
	if err := errors.Join(d.in.Encode(append([]string{filepath.Join(bin, "maskrail")}, args...)), d.out.Decode(&o)); err != nil {
		t.Fatal(err)
	}
	return result{o.Code, o.Stdout, o.Stderr}
}

// one asks a copy of a DuckDB file, because DuckDB takes the way through another process's root for one through our own.
func (d *disk) one(t *testing.T, file, q string) string {
	t.Helper()
	copied := filepath.Join(t.TempDir(), file)
	b, err := os.ReadFile(filepath.Join(d.root, file))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return one(t, copied, q)
}

// fill leaves so many KiB of the file system that holds the folder, and returns a function that gives the rest back.
func fill(t *testing.T, dir string, left int64) (empty func()) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := syscall.Fallocate(int(f.Fd()), 0, 0, int64(fs.Bavail)*fs.Bsize-left<<10); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
	}
}

// A full disk ends a run with a reason that names the folder, and nothing is half-loaded. With room again the same
// command succeeds.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	key, policy := keyFile(t), policyFile(t)
	small, large := synth(t, "small.parquet", 2000, 1), synth(t, "large.parquet", 120_000, 1)
	info, err := os.Stat(large)
	if err != nil {
		t.Fatal(err)
	}
	size := info.Size() >> 10 // about 9,500 KiB; masked it is a tenth more
	for _, c := range []struct {
		name  string
		disks []string // a disk for the folder itself first
		full  string   // the part of the folder that is full
		left  int64    // KiB
		file  string
		rows  int64
	}{
		{"nothing is left", []string{"64m="}, "", 0, small, 2000},
		{"too little to begin", []string{"64m="}, "", 1000, small, 2000},
		{"streams", []string{"64m=", "64m=nats"}, "nats", 0, small, 2000},
		{"raw bucket", []string{"64m=", "64m=s3"}, "s3", size - 500, large, 120_000},
		{"masked bucket", []string{"64m=", "64m=s3"}, "s3", size + 9000, large, 120_000},
		{"temporary folder, for the raw object", []string{"64m=", "64m=tmp"}, "tmp", size - 500, large, 120_000},
		{"temporary folder, for the masked object", []string{"64m=", "64m=tmp"}, "tmp", size + 9000, large, 120_000},
		{"sandbox", []string{"64m=", "64m=s3", "64m=tmp", "64m=nats"}, "", 9000, large, 120_000},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := disks(t, c.disks...)
			empty := fill(t, filepath.Join(d.root, c.full), c.left)
			args := []string{"run", "--policy", policy, "--key-file", key, "--dir", d.dir, "--json", c.file}
			start := time.Now()
			r := d.maskrail(t, args...)
			t.Logf("failed after %v: %s", time.Since(start).Round(time.Millisecond), r.stderr)
			rep := r.report(t)
			if full := filepath.Join(d.dir, c.full); r.code != 1 || !strings.Contains(rep.Error, full) || !strings.Contains(rep.Error, "full") || rep.Loaded != 0 {
				t.Errorf("code %d, want 1 and that %s is full:\n%s\n%s", r.code, full, r.stdout, r.stderr)
			}
			empty()
			if _, err := os.Stat(filepath.Join(d.root, "sandbox.duckdb")); err == nil {
				if got := d.one(t, "sandbox.duckdb", "SELECT count(*) FROM information_schema.tables"); got != "0" {
					t.Errorf("tables in the sandbox after a failure: %s", got)
				}
			}
			start = time.Now()
			if again := d.maskrail(t, args...).ok(t).report(t); again.Loaded != c.rows || again.Rejected != 0 {
				t.Errorf("with room again: %+v", again)
			}
			t.Logf("succeeded after %v", time.Since(start).Round(time.Millisecond))
			got := d.one(t, "sandbox.duckdb", "SELECT count(*) || '/' || count(DISTINCT interactionId) FROM interaction")
			if want := fmt.Sprintf("%d/%d", c.rows, c.rows); got != want {
				t.Errorf("rows: %s, want %s", got, want)
			}
			if left := tree(t, filepath.Join(d.root, "tmp")); len(left) != 0 {
				t.Errorf("temporary files left: %v", left)
			}
		})
	}
}

// OUT on a full disk: no file, not even a part of one, and an OUT that was there stays.
func TestDiskFullMask(t *testing.T) {
	t.Parallel()
	key, policy, in := keyFile(t), policyFile(t), synth(t, "in.parquet", 20_000, 1)
	d := disks(t, "16m=")
	mask := func(name string) result {
		return d.maskrail(t, "mask", "--policy", policy, "--key-file", key, "--out", filepath.Join(d.dir, name), "--json", in)
	}
	empty := fill(t, d.root, 500)
	for _, name := range []string{"out.parquet", "out.csv", "out.jsonl"} {
		if r := mask(name); r.code != 1 || !strings.Contains(r.stderr, d.dir+" is full") {
			t.Errorf("%s: code %d, want 1 and that %s is full: %s", name, r.code, d.dir, r.stderr)
		}
		if left := tree(t, d.root); len(left) != 1 {
			t.Errorf("%s: left behind beside the ballast: %v", name, left)
		}
	}
	empty()
	mask("out.parquet").ok(t)
	whole := tree(t, d.root)["out.parquet"]
	fill(t, d.root, 500)
	if r := mask("out.parquet"); r.code != 1 {
		t.Errorf("code %d", r.code)
	}
	if got := tree(t, d.root)["out.parquet"]; got != whole || whole == "" {
		t.Error("the file that was there before is not what it was")
	}
}
