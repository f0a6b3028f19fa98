package masker

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/maskrail/maskrail/libs/columnar"
)

// spoiling is an allocator that writes over what is freed, so that whoever uses it afterwards finds something else than
// he left there. A columnar.Recycler would give him the values of another row.
type spoiling struct{}

func (spoiling) Allocate(size int) []byte { return memory.DefaultAllocator.Allocate(size) }

func (s spoiling) Reallocate(size int, b []byte) []byte {
	if size <= len(b) {
		return b[:size]
	}
	larger := s.Allocate(size)
	copy(larger, b)
	s.Free(b)
	return larger
}

func (spoiling) Free(b []byte) {
	b = b[:cap(b)]
	for i := range b {
		b[i] = 0xa5
	}
}

// TestNothingIsUsedAfterItWasFreed: with memory that is used again, with memory that is spoiled and with memory that is
// used once the masked file has the same bytes.
func TestNothingIsUsedAfterItWasFreed(t *testing.T) {
	t.Parallel()
	p := testPlan(t, fmt.Sprintf(everyCall, "rejectRow: drop"))
	file := randomCalls(t, rand.New(rand.NewPCG(7, 8)), 12_000, 5000, faults{twice: 3, undated: 3})
	for _, format := range []columnar.Format{columnar.FormatParquet, columnar.FormatJSONL, columnar.FormatCSV} {
		var want string
		for name, mem := range map[string]memory.Allocator{"once": memory.DefaultAllocator, "spoiled": spoiling{}, "again": nil} {
			for _, workers := range []int{1, 3} {
				var out bytes.Buffer
				_, err := p.Mask(t.Context(), strings.NewReader(file), "x.parquet", &out, Options{Format: format, Workers: workers, Allocator: mem, BatchRows: 2000})
				if err != nil {
					t.Fatalf("%s: %s: %v", format, name, err)
				}
				if want == "" {
					want = out.String()
				}
				if out.String() != want {
					t.Errorf("%s: %s: another output", format, name)
				}
			}
		}
	}
}
