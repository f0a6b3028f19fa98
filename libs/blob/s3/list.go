package s3

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/maskrail/maskrail/libs/blob"
)

// List yields the objects under prefix, a page at a time. The bucket's name stands in for the object in its errors.
func (s *Store) List(ctx context.Context, bucket, prefix string) iter.Seq2[blob.Object, error] {
	return s.ListAfter(ctx, bucket, prefix, "")
}

// ListAfter implements blob.Seeker. The server begins behind the key; one that does not is listed from the start.
func (s *Store) ListAfter(ctx context.Context, bucket, prefix, after string) iter.Seq2[blob.Object, error] {
	return func(yield func(blob.Object, error) bool) {
		versioned, err := s.versioned(ctx, bucket)
		if err != nil {
			yield(blob.Object{}, failBucket(ctx, "list", bucket, err))
			return
		}
		page := s.pageObjects
		if versioned {
			page = s.pageVersions
		}
		from, last := cursor{}, ""
		if after != "" {
			from.key = &after
		}
		for more := true; more; {
			var objects []blob.Object
			objects, from, more, err = page(ctx, bucket, prefix, from)
			if err != nil {
				yield(blob.Object{}, failBucket(ctx, "list", bucket, err))
				return
			}
			for _, o := range objects {
				if o.Key == last || after != "" && o.Key <= after {
					continue // some servers begin a page with the last object of the one before, or do not begin behind a key
				}
				last = o.Key
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// cursor is where the next page begins. The first has a key alone, or nothing.
type cursor struct{ token, key, version *string }

func (s *Store) pageObjects(ctx context.Context, bucket, prefix string, from cursor) (objects []blob.Object, next cursor, more bool, err error) {
	out, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &bucket, Prefix: &prefix, MaxKeys: &s.page, ContinuationToken: from.token, StartAfter: from.key,
		// XML cannot hold every character of a key.
		EncodingType: types.EncodingTypeUrl,
	})
	if err != nil {
		return nil, cursor{}, false, err
	}
	objects = make([]blob.Object, 0, len(out.Contents))
	for _, c := range out.Contents {
		o := blob.Object{
			Location: blob.Location{Bucket: bucket}, ETag: unquote(c.ETag),
			Bytes: aws.ToInt64(c.Size), Modified: aws.ToTime(c.LastModified),
		}
		if o.Key, err = decode(c.Key, out.EncodingType); err != nil {
			return nil, cursor{}, false, err
		}
		o.Version = version(nil, o)
		objects = append(objects, o)
	}
	return objects, cursor{token: out.NextContinuationToken}, aws.ToBool(out.IsTruncated), nil
}

func (s *Store) pageVersions(ctx context.Context, bucket, prefix string, from cursor) (objects []blob.Object, next cursor, more bool, err error) {
	out, err := s.client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
		Bucket: &bucket, Prefix: &prefix, MaxKeys: &s.page, KeyMarker: from.key, VersionIdMarker: from.version,
		EncodingType: types.EncodingTypeUrl,
	})
	if err != nil {
		return nil, cursor{}, false, err
	}
	for _, v := range out.Versions {
		if !aws.ToBool(v.IsLatest) {
			continue
		}
		o := blob.Object{
			Location: blob.Location{Bucket: bucket}, ETag: unquote(v.ETag),
			Bytes: aws.ToInt64(v.Size), Modified: aws.ToTime(v.LastModified),
		}
		if o.Key, err = decode(v.Key, out.EncodingType); err != nil {
			return nil, cursor{}, false, err
		}
		o.Version = version(v.VersionId, o)
		objects = append(objects, o)
	}
	next = cursor{version: out.NextVersionIdMarker}
	if out.NextKeyMarker != nil {
		key, err := decode(out.NextKeyMarker, out.EncodingType)
		if err != nil {
			return nil, cursor{}, false, err
		}
		next.key = &key
	}
	return objects, next, aws.ToBool(out.IsTruncated), nil
}

// decode undoes the encoding that the answer says it has; a server that ignores the wish sends keys as they are.
func decode(key *string, encoding types.EncodingType) (string, error) {
	if encoding != types.EncodingTypeUrl {
		return aws.ToString(key), nil
	}
	plain, err := url.QueryUnescape(aws.ToString(key))
	if err != nil {
		return "", &Answer{Status: http.StatusOK, Code: "InvalidKeyEncoding"}
	}
	return plain, nil
}
