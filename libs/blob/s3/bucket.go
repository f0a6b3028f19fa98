package s3

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/maskrail/maskrail/libs/blob"
)

func failBucket(ctx context.Context, op, bucket string, err error) error {
	return fmt.Errorf("%s bucket %s: %w", op, bucket, clean(ctx, err))
}

// EnsureBucket creates the bucket when it is not there.
func (s *Store) EnsureBucket(ctx context.Context, name string) error {
	in := &s3.CreateBucketInput{Bucket: &name}
	if r := s.client.Options().Region; r != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(r)}
	}
	_, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if err == nil {
		return nil
	}
	if !errors.Is(clean(ctx, err), blob.ErrNotFound) {
		return failBucket(ctx, "look for", name, err)
	}
	_, err = s.client.CreateBucket(ctx, in)
	var a *Answer
	if err != nil && errors.As(clean(ctx, err), &a) && a.Code == "BucketAlreadyOwnedByYou" {
		return nil
	}
	if err != nil {
		return failBucket(ctx, "create", name, err)
	}
	return nil
}

// HeadBucket fails with blob.ErrNoBucket when the bucket is not there; it is the cheapest proof that the server
// answers and knows the caller.
func (s *Store) HeadBucket(ctx context.Context, name string) error {
	_, err := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if err != nil && errors.Is(clean(ctx, err), blob.ErrNotFound) {
		return fmt.Errorf("look for bucket %s: %w", name, blob.ErrNoBucket)
	}
	if err != nil {
		return failBucket(ctx, "look for", name, err)
	}
	return nil
}

func (s *Store) noBucket(ctx context.Context, name string) bool {
	return errors.Is(s.HeadBucket(ctx, name), blob.ErrNoBucket)
}

// ProbeConditionalPut proves that the server decides between writers: it puts one key under "_probe/" several
// times at once with If-None-Match and expects exactly one success. A server that fails it could lose or mix
// objects, so a worker must not start on it. The key is deleted again.
func (s *Store) ProbeConditionalPut(ctx context.Context, bucket string) (err error) {
	const writers = 4
	loc := blob.Location{Bucket: bucket, Key: "_probe/" + rand.Text()}
	defer func() {
		late, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeDelete)
		defer cancel()
		err = errors.Join(err, s.Delete(late, loc))
	}()
	s.removeProbes(ctx, bucket)
	results := make([]error, writers)
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() {
			content := []byte{byte('a' + i)}
			_, results[i] = s.Put(ctx, loc, bytes.NewReader(content), int64(len(content)), blob.PutOptions{IfAbsent: true})
		})
	}
	wg.Wait()
	won := 0
	for _, r := range results {
		switch {
		case r == nil:
			won++
		case !errors.Is(r, blob.ErrExists):
			return fmt.Errorf("probe conditional put in bucket %s: %w", bucket, r)
		}
	}
	if won != 1 {
		return fmt.Errorf("probe conditional put in bucket %s: %d of %d writers won and not one; this server does not honour If-None-Match, use one that does", bucket, won, writers)
	}
	return nil
}

const (
	// probeDelete is how long a worker that is being stopped may take to delete its probe.
	probeDelete = 5 * time.Second
	// probeAge is when a probe's writer has been killed for certain.
	probeAge = time.Hour
)

// removeProbes deletes the probes that killed workers left behind. It is no matter if it cannot: a probe is one byte.
func (s *Store) removeProbes(ctx context.Context, bucket string) {
	for o, err := range s.List(ctx, bucket, "_probe/") {
		if err != nil {
			return
		}
		if time.Since(o.Modified) > probeAge {
			_ = s.Delete(ctx, o.Location)
		}
	}
}

// versioned reports whether new objects of the bucket get version ids. A server without the notion says so.
func (s *Store) versioned(ctx context.Context, bucket string) (bool, error) {
	out, err := s.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &bucket})
	if err != nil {
		var a *Answer
		if errors.As(clean(ctx, err), &a) && (a.Status == http.StatusNotImplemented || a.Status == http.StatusMethodNotAllowed) {
			return false, nil
		}
		return false, err
	}
	return out.Status == types.BucketVersioningStatusEnabled, nil
}

// EnableVersioning makes the bucket keep old versions of objects.
func (s *Store) EnableVersioning(ctx context.Context, name string) error {
	_, err := s.client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{
		Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	if err != nil {
		return failBucket(ctx, "enable versioning of", name, err)
	}
	return nil
}
