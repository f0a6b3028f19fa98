package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/maskrail/maskrail/libs/blob"
)

var (
	errEOF   = io.EOF
	errShort = io.ErrUnexpectedEOF
)

// Get opens the object. When the whole is read, the bytes are checked against the checksum that the server keeps,
// and the last Read fails with blob.ErrChecksum if they differ.
func (s *Store) Get(ctx context.Context, loc blob.Location, r blob.Range) (io.ReadCloser, blob.Object, error) {
	const op = "get"
	in := &s3.GetObjectInput{Bucket: &loc.Bucket, Key: &loc.Key}
	var look string
	in.VersionId, in.IfMatch, look = pin(loc.Version)
	if r == (blob.Range{}) {
		in.ChecksumMode = types.ChecksumModeEnabled
	} else {
		in.Range = aws.String(rangeHeader(r))
	}
	out, err := s.client.GetObject(ctx, in)
	if err != nil {
		var a *Answer
		err = clean(ctx, err)
		if errors.As(err, &a) && a.Status == http.StatusRequestedRangeNotSatisfiable {
			return s.empty(ctx, loc)
		}
		return nil, blob.Object{}, blob.Fail(op, loc, changed(err))
	}
	obj := blob.Object{
		Location: blob.Location{Bucket: loc.Bucket, Key: loc.Key},
		ETag:     unquote(out.ETag), Bytes: aws.ToInt64(out.ContentLength), SHA256: sum(out.ChecksumSHA256),
		Modified: aws.ToTime(out.LastModified), Metadata: lower(out.Metadata),
	}
	if out.ContentRange != nil {
		if obj.Bytes, err = total(*out.ContentRange); err != nil {
			out.Body.Close()
			return nil, blob.Object{}, blob.Fail(op, loc, err)
		}
	}
	obj.Version = version(out.VersionId, obj)
	if look != "" && look != obj.Version {
		out.Body.Close()
		return nil, blob.Object{}, blob.Fail(op, loc, blob.ErrChanged)
	}
	return &body{ReadCloser: out.Body, ctx: ctx, loc: loc}, obj, nil
}

// empty answers a range that begins at or after the end.
func (s *Store) empty(ctx context.Context, loc blob.Location) (io.ReadCloser, blob.Object, error) {
	obj, err := s.Head(ctx, loc)
	if err != nil {
		return nil, blob.Object{}, err
	}
	return http.NoBody, obj, nil
}

// Head describes the object.
func (s *Store) Head(ctx context.Context, loc blob.Location) (blob.Object, error) {
	const op = "head"
	in := &s3.HeadObjectInput{Bucket: &loc.Bucket, Key: &loc.Key, ChecksumMode: types.ChecksumModeEnabled}
	var look string
	in.VersionId, in.IfMatch, look = pin(loc.Version)
	out, err := s.client.HeadObject(ctx, in)
	if err != nil {
		err = clean(ctx, err)
		// The answer to a HEAD has no body, so a missing bucket looks like a missing object.
		if errors.Is(err, blob.ErrNotFound) && s.noBucket(ctx, loc.Bucket) {
			err = blob.ErrNoBucket
		}
		return blob.Object{}, blob.Fail(op, loc, changed(err))
	}
	obj := blob.Object{
		Location: blob.Location{Bucket: loc.Bucket, Key: loc.Key},
		ETag:     unquote(out.ETag), Bytes: aws.ToInt64(out.ContentLength), SHA256: sum(out.ChecksumSHA256),
		Modified: aws.ToTime(out.LastModified), Metadata: lower(out.Metadata),
	}
	obj.Version = version(out.VersionId, obj)
	if look != "" && look != obj.Version {
		return blob.Object{}, blob.Fail(op, loc, blob.ErrChanged)
	}
	return obj, nil
}

// Delete removes the object, or the version that loc names.
func (s *Store) Delete(ctx context.Context, loc blob.Location) error {
	const op = "delete"
	in := &s3.DeleteObjectInput{Bucket: &loc.Bucket, Key: &loc.Key}
	var look string
	in.VersionId, in.IfMatch, look = pin(loc.Version)
	if look != "" {
		if _, err := s.Head(ctx, loc); err != nil {
			if errors.Is(err, blob.ErrNotFound) {
				return nil
			}
			return err
		}
	}
	if _, err := s.client.DeleteObject(ctx, in); err != nil {
		if err = changed(clean(ctx, err)); errors.Is(err, blob.ErrNotFound) {
			return nil
		}
		return blob.Fail(op, loc, err)
	}
	return nil
}

func changed(err error) error {
	if errors.Is(err, errPrecondition) {
		return blob.ErrChanged
	}
	return err
}

func rangeHeader(r blob.Range) string {
	if r.Length == 0 {
		return fmt.Sprintf("bytes=%d-", r.Offset)
	}
	return fmt.Sprintf("bytes=%d-%d", r.Offset, r.Offset+r.Length-1)
}

// total reads the size of the whole object out of "bytes 0-9/100".
func total(contentRange string) (int64, error) {
	_, after, _ := strings.Cut(contentRange, "/")
	n, err := strconv.ParseInt(after, 10, 64)
	if err != nil || n < 0 {
		return 0, errors.New("s3 answers a content-range without a size")
	}
	return n, nil
}

// body keeps the key out of read errors.
type body struct {
	io.ReadCloser
	ctx context.Context
	loc blob.Location
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = fail(b.ctx, "read", b.loc, err)
	}
	return n, err
}
