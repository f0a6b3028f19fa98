// Package s3 is the object store behind the S3 API: AWS and the servers that speak like it. It is the only
// importer of the S3 client.
//
// Versions. In a bucket with versioning an object's version is the id that the server gave it. Otherwise it is
// "etag:" and the entity tag, and pinning it is a conditional read (If-Match). The listing of a bucket with
// versioning asks for versions, which needs s3:ListBucketVersions beside s3:ListBucket; every listing asks first
// whether the bucket has versioning, which needs s3:GetBucketVersioning.
//
// Errors hold the operation, the object's short id, the HTTP status and the server's error code, and nothing else
// that the SDK or the server said: both put keys into their texts.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/keys"
)

// Config says which server to talk to and as whom.
type Config struct {
	Endpoint  string // e.g. "http://127.0.0.1:9000"; empty means AWS
	Region    string // empty means us-east-1 with an Endpoint, and what the environment says for AWS
	AccessKey string // empty means the SDK's chain: environment, shared configuration, instance role
	SecretKey keys.Secret
	PathStyle bool // bucket in the path and not in the host name; most servers other than AWS need it
	PageSize  int  // objects in one page of a listing, 1 to 1000; 0 means 1000
}

// Store is a connection to an S3 server. It is safe for concurrent use.
type Store struct {
	client *s3.Client
	http   *http.Client
	page   int32
}

var _ blob.Store = (*Store)(nil)

// answerWait is how long the server may be silent after a request was sent in full. Completing a large put
// takes a server a while.
const answerWait = 2 * time.Minute

// New makes a connection. It does not talk to the server yet.
func New(ctx context.Context, c Config) (*Store, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	built := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = 64 // the default makes parallel workers reconnect all the time
		t.ResponseHeaderTimeout = answerWait
		if c.Endpoint != "" {
			t.Proxy = nil // an address that was given is meant
		}
	})
	st := &Store{page: int32(c.PageSize)}
	if st.page == 0 {
		st.page = 1000
	}
	opts := s3.Options{Region: c.Region}
	if c.AccessKey == "" {
		cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(built))
		if err != nil {
			return nil, fmt.Errorf("read the aws configuration: %w", err)
		}
		if c, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
			built = c // with the authorities of AWS_CA_BUNDLE
		}
		opts.Credentials = cfg.Credentials
		if opts.Region == "" {
			opts.Region = cfg.Region
		}
	} else {
		opts.Credentials = credentials.NewStaticCredentialsProvider(c.AccessKey, string(c.SecretKey.Bytes()), "")
	}
	if opts.Region == "" {
		if c.Endpoint == "" {
			return nil, errors.New("s3: no region: set it or AWS_REGION, or name the address of a server other than AWS")
		}
		opts.Region = "us-east-1"
	}
	if c.Endpoint != "" {
		opts.BaseEndpoint = aws.String(c.Endpoint)
		// Checksums that nobody asked for break many servers other than AWS. Put brings its own.
		opts.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		opts.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
	st.http = &http.Client{Transport: built.GetTransport()}
	opts.HTTPClient = st.http
	opts.UsePathStyle = c.PathStyle
	opts.Logger = logging.Nop{}
	opts.ClientLogMode = 0
	opts.DisableLogOutputChecksumValidationSkipped = true
	opts.Retryer = retry.AddWithErrorCodes(retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 4 // whoever calls has patience of its own
		o.MaxBackoff = 3 * time.Second
	}), "ConditionalRequestConflict") // 409: two conditional puts met; the next try tells who won
	st.client = s3.New(opts)
	return st, nil
}

// Close drops idle connections.
func (s *Store) Close() error {
	s.http.CloseIdleConnections()
	return nil
}

func (c Config) validate() error {
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
			return errors.New(`s3 endpoint: want "http://host:port" or "https://host", without credentials`)
		}
	}
	if (c.AccessKey == "") != c.SecretKey.IsZero() {
		return errors.New("s3: access key and secret key must be set together")
	}
	if c.PageSize < 0 || c.PageSize > 1000 {
		return fmt.Errorf("s3 page size is %d: want 1 to 1000", c.PageSize)
	}
	return nil
}
