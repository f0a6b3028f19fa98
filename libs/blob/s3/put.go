package s3

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"

	"github.com/maskrail/maskrail/libs/blob"
)

// maxPut is the most that S3 takes in one request.
const maxPut = 5 << 30

// Put stores the object in one request. The body's SHA-256, given or computed here, goes along as the object's
// checksum and as the signed payload hash, so that the server refuses other bytes and keeps the digest.
func (s *Store) Put(ctx context.Context, loc blob.Location, body io.ReadSeeker, size int64, o blob.PutOptions) (blob.Object, error) {
	const op = "put"
	if size > maxPut {
		return blob.Object{}, blob.Fail(op, loc, fmt.Errorf("%d bytes, and one put holds 5 GiB at most: split the object", size))
	}
	sum, err := digest(body, size, o.SHA256)
	if err != nil {
		return blob.Object{}, blob.Fail(op, loc, err)
	}
	in := &s3.PutObjectInput{
		Bucket: &loc.Bucket, Key: &loc.Key,
		Body: body, ContentLength: &size,
		ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum)),
		Metadata:       o.Metadata,
	}
	if o.ContentType != "" {
		in.ContentType = &o.ContentType
	}
	if o.IfAbsent {
		in.IfNoneMatch = aws.String("*")
	}
	out, err := s.client.PutObject(ctx, in, payloadHash(hex.EncodeToString(sum)))
	if err != nil {
		err = clean(ctx, err)
		if errors.Is(err, errPrecondition) || o.IfAbsent && errors.Is(err, blob.ErrUnavailable) && s.exists(ctx, loc) {
			err = blob.ErrExists
		}
		return blob.Object{}, blob.Fail(op, loc, err)
	}
	obj := blob.Object{
		Location: blob.Location{Bucket: loc.Bucket, Key: loc.Key},
		ETag:     unquote(out.ETag), Bytes: size, SHA256: hex.EncodeToString(sum), Metadata: o.Metadata,
	}
	obj.Version = version(out.VersionId, obj)
	return obj, nil
}

// exists reports whether there is an object. A server that refuses a conditional put closes the connection while the
// body is on its way, and the refusal is lost.
func (s *Store) exists(ctx context.Context, loc blob.Location) bool {
	_, err := s.Head(ctx, blob.Location{Bucket: loc.Bucket, Key: loc.Key})
	return err == nil
}

// digest returns the SHA-256 of the body, which stands at its start afterwards. A digest that was given is
// believed here and verified by the server.
func digest(body io.ReadSeeker, size int64, given string) ([]byte, error) {
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("rewind body: %w", err)
	}
	if given != "" {
		sum, err := hex.DecodeString(given)
		if err != nil || len(sum) != sha256.Size || strings.ToLower(given) != given {
			return nil, errors.New("sha256 of the options: want 64 lower-case hex digits")
		}
		return sum, nil
	}
	h := sha256.New()
	n, err := io.Copy(h, body)
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if n != size {
		return nil, fmt.Errorf("body has %d bytes and not %d", n, size)
	}
	if _, err := body.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("rewind body: %w", err)
	}
	return h.Sum(nil), nil
}

// payloadHash spares the SDK from reading the body for its signature.
func payloadHash(sum string) func(*s3.Options) {
	return s3.WithAPIOptions(func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("PayloadHash",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				return next.HandleInitialize(v4.SetPayloadHash(ctx, sum), in)
			}), middleware.Before)
	})
}
