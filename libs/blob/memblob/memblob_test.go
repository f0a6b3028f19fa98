package memblob_test

import (
	"testing"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/blobtest"
	"github.com/maskrail/maskrail/libs/blob/memblob"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) (blob.Store, string) { return memblob.New("bucket"), "bucket" })
}

func TestConformanceTraced(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(*testing.T) (blob.Store, string) { return blob.Traced(memblob.New("bucket")), "bucket" })
}
