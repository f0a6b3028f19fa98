package blob

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/maskrail/maskrail/libs/telemetry"
)

// Traced wraps store so that each call is a CLIENT span under the span in its context: "get object", "put object",
// and so on, with the bucket, the object's short id and the bytes moved. The span of a Get ends when its body is
// closed. Without a span in the context nothing is recorded. An answer that callers ask for, such as "not found"
// to a Head, is no failure of the span.
func Traced(store Store) Store { return traced{store} }

type traced struct{ next Store }

func start(ctx context.Context, name string, loc Location) (context.Context, func(error)) {
	return telemetry.StartClient(ctx, name,
		telemetry.String("aws.s3.bucket", loc.Bucket), telemetry.String("maskrail.object", loc.ShortID()))
}

func (t traced) Put(ctx context.Context, loc Location, body io.ReadSeeker, size int64, o PutOptions) (Object, error) {
	ctx, end := start(ctx, "put object", loc)
	obj, err := t.next.Put(ctx, loc, body, size, o)
	telemetry.Set(ctx, telemetry.Int("maskrail.bytes", size))
	end(except(err, ErrExists))
	return obj, err
}

func (t traced) Get(ctx context.Context, loc Location, r Range) (io.ReadCloser, Object, error) {
	ctx, end := start(ctx, "get object", loc)
	body, obj, err := t.next.Get(ctx, loc, r)
	if err != nil {
		end(except(err, ErrNotFound))
		return nil, Object{}, err
	}
	return &tracedBody{ReadCloser: body, ctx: ctx, end: end}, obj, nil
}

func (t traced) Head(ctx context.Context, loc Location) (Object, error) {
	ctx, end := start(ctx, "head object", loc)
	obj, err := t.next.Head(ctx, loc)
	end(except(err, ErrNotFound))
	return obj, err
}

// List is one span however many pages it takes. A listing has no object to name.
func (t traced) List(ctx context.Context, bucket, prefix string) iter.Seq2[Object, error] {
	return t.ListAfter(ctx, bucket, prefix, "")
}

// ListAfter implements Seeker.
func (t traced) ListAfter(ctx context.Context, bucket, prefix, after string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		ctx, end := telemetry.StartClient(ctx, "list objects", telemetry.String("aws.s3.bucket", bucket))
		var n int64
		var failure error
		defer func() {
			telemetry.Set(ctx, telemetry.Int("maskrail.objects", n))
			end(failure)
		}()
		for o, err := range ListAfter(ctx, t.next, bucket, prefix, after) {
			if failure = err; err == nil {
				n++
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

func (t traced) Delete(ctx context.Context, loc Location) error {
	ctx, end := start(ctx, "delete object", loc)
	err := t.next.Delete(ctx, loc)
	end(err)
	return err
}

func except(err, expected error) error {
	if errors.Is(err, expected) {
		return nil
	}
	return err
}

type tracedBody struct {
	io.ReadCloser
	ctx  context.Context
	end  func(error)
	n    int64
	err  error
	once sync.Once
}

func (b *tracedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	if err != nil && err != io.EOF {
		b.err = err
	}
	return n, err
}

func (b *tracedBody) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() {
		telemetry.Set(b.ctx, telemetry.Int("maskrail.bytes", b.n))
		b.end(errors.Join(b.err, err))
	})
	return err
}
