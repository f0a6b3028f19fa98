package rowset

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"syscall"
	"testing"
)

// temporary makes files like the masker's.
func temporary(dir string) func() (File, error) {
	return func() (File, error) {
		f, err := os.CreateTemp(dir, "ids-*")
		if err == nil {
			err = os.Remove(f.Name())
		}
		return f, err
	}
}

// BenchmarkAdd adds ids by the row group. Of the rows behind the first half, a share stands there already.
func BenchmarkAdd(b *testing.B) {
	const group = 1 << 17
	for _, million := range []int{1, 4, 16} {
		for _, repeat := range []float64{-1, 0, 0.001, 0.1, 1} {
			b.Run(fmt.Sprintf("%dM/repeat=%v", million, repeat), func(b *testing.B) {
				expected := 0
				if repeat < 0 {
					expected = million << 20
				}
				rows, ids, again := million<<20, make([]ID, group), []int32(nil)
				dir, used := b.TempDir(), int64(0)
				for b.Loop() {
					b.StopTimer()
					var start, end runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&start)
					s := New(expected, temporary(dir))
					fresh, repeats := rand.NewPCG(1, 1), rand.NewPCG(1, 1)
					chance := rand.New(rand.NewPCG(2, 2))
					for done := 0; done < rows; done += group {
						for i := range ids {
							from := fresh
							if done >= rows/2 && chance.Float64() < repeat {
								from = repeats
							}
							ids[i] = ID{from.Uint64(), from.Uint64()}
						}
						b.StartTimer()
						before := cpu()
						var err error
						again, err = s.Add(ids, again[:0])
						used += cpu() - before
						if err != nil {
							b.Fatal(err)
						}
						b.StopTimer()
					}
					runtime.GC()
					runtime.ReadMemStats(&end)
					b.ReportMetric(float64(end.HeapAlloc-start.HeapAlloc)/float64(rows), "B/row")
					if err := s.Close(); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				b.ReportMetric(float64(used)/float64(b.N*rows), "cpu-ns/row")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*rows), "ns/row")
			})
		}
	}
}

func cpu() int64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}
