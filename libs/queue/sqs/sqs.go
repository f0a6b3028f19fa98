// Package sqs is the message queue behind the SQS API: Amazon's and the servers that speak like it. It is the only
// importer of the SQS client.
//
// It needs sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes on the queue.
//
// A message that cannot be taken comes again with growing waits. Only the queue itself takes it away: give it a redrive
// policy, with a dead-letter queue and at least five deliveries.
//
// Errors hold the operation, the server's error code or the address, and nothing else that the SDK or the server said.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/logging"

	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/queue"
)

// Config says which queue to read and as whom.
type Config struct {
	// QueueURL is the queue's full URL, e.g. "https://sqs.eu-central-1.amazonaws.com/111122223333/maskrail".
	QueueURL string
	// Region is, when empty, the one in the queue's URL, or that of the environment.
	Region string
	// Endpoint is the URL of the server; empty means Amazon's for a queue of Amazon's, and else the queue URL's server.
	Endpoint  string
	AccessKey string // empty means the SDK's chain: environment, shared configuration, web identity, instance role
	SecretKey keys.Secret
	// Visibility is how long a message is kept from others after a sign of life of the one who has it, in whole seconds
	// from 3s to 12h; 0 means one minute.
	Visibility time.Duration
	Log        *slog.Logger      // nil logs nothing
	Transport  http.RoundTripper // nil means the network
}

const (
	defaultVisibility = time.Minute
	minVisibility     = 3 * time.Second // three signs of life fit in, and clocks of SQS know whole seconds
	maxVisibility     = 12 * time.Hour  // of SQS
	// longPoll is the longest that SQS waits for a message. A shorter wait costs more requests and finds nothing sooner.
	longPoll = 20 * time.Second
	// callWait is how long one call may take with the SDK's retries, beyond the wait of a long poll.
	callWait = 15 * time.Second
)

// Queue is a connection to one queue. It is safe for concurrent use.
type Queue struct {
	config Config
	client *sqs.Client
	creds  aws.CredentialsProvider
	http   interface{ CloseIdleConnections() }
	log    *slog.Logger
}

var _ queue.Queue = (*Queue)(nil)

// New makes a connection. It does not talk to the server yet.
func New(ctx context.Context, c Config) (*Queue, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("sqs: %w", err)
	}
	if c.Visibility == 0 {
		c.Visibility = defaultVisibility
	}
	q := &Queue{config: c, log: c.Log}
	if q.log == nil {
		q.log = slog.New(slog.DiscardHandler)
	}
	built := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.ResponseHeaderTimeout = longPoll + callWait/2
		if c.endpoint() != "" {
			t.Proxy = nil // an address that was given is meant
		}
	})
	cfg := aws.Config{Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, string(c.SecretKey.Bytes()), "")}
	if c.AccessKey == "" {
		var err error
		if cfg, err = config.LoadDefaultConfig(ctx, config.WithHTTPClient(built)); err != nil {
			return nil, fmt.Errorf("sqs: read the aws configuration: %w", err)
		}
		if b, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok {
			built = b // with the authorities of AWS_CA_BUNDLE
		}
	}
	switch region := c.region(); {
	case region != "":
		cfg.Region = region
	case cfg.Region != "":
	case c.endpoint() != "":
		cfg.Region = "us-east-1"
	default:
		return nil, errors.New("sqs: no region: set it or AWS_REGION")
	}
	client := &http.Client{Transport: c.Transport}
	if c.Transport == nil {
		client.Transport = built.GetTransport()
	}
	cfg.HTTPClient, cfg.Logger, cfg.ClientLogMode = client, logging.Nop{}, 0
	q.http, q.creds = client, cfg.Credentials
	q.client = sqs.NewFromConfig(cfg, func(o *sqs.Options) {
		if e := c.endpoint(); e != "" {
			o.BaseEndpoint = aws.String(e)
		}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 3 // whoever calls has patience of its own
			o.MaxBackoff = time.Second
		})
	})
	return q, nil
}

// Close drops idle connections.
func (q *Queue) Close() error {
	q.http.CloseIdleConnections()
	return nil
}

// Validate names every field that is wrong and what is right.
func (c Config) Validate() error {
	var errs []error
	if u, err := url.Parse(c.QueueURL); err != nil || !server(u) || strings.Trim(u.Path, "/") == "" {
		errs = append(errs, errors.New("queueUrl: want the full URL of the queue, such as https://sqs.eu-central-1.amazonaws.com/111122223333/maskrail"))
	}
	if c.Endpoint != "" {
		if u, err := url.Parse(c.Endpoint); err != nil || !server(u) {
			errs = append(errs, errors.New("endpoint: want a URL like http://127.0.0.1:9324 without user or password, or nothing for Amazon"))
		}
	}
	switch {
	case c.AccessKey != "" && c.SecretKey.IsZero():
		errs = append(errs, errors.New("accessKey: has no secret key"))
	case c.AccessKey == "" && !c.SecretKey.IsZero():
		errs = append(errs, errors.New("accessKey: must not be empty when a secret key is given"))
	}
	if v := c.Visibility; v != 0 && (v < minVisibility || v > maxVisibility || v%time.Second != 0) {
		errs = append(errs, fmt.Errorf("visibility: want whole seconds from %v to %v", minVisibility, maxVisibility))
	}
	return errors.Join(errs...)
}

func server(u *url.URL) bool {
	return u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && u.User == nil
}

// amazon recognises the hosts of Amazon's queues and their region.
var amazon = regexp.MustCompile(`^(?:sqs(?:-fips)?\.([a-z0-9-]+)|([a-z0-9-]+)\.queue|queue)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$`)

func (c Config) host() []string {
	u, err := url.Parse(c.QueueURL)
	if err != nil {
		return nil
	}
	return amazon.FindStringSubmatch(u.Hostname())
}

// region is the one that was given or that stands in the queue's URL.
func (c Config) region() string {
	if c.Region == "" {
		if m := c.host(); m != nil {
			return m[1] + m[2]
		}
	}
	return c.Region
}

// endpoint is the one that was given or, for a queue that is not Amazon's, the server of its URL.
func (c Config) endpoint() string {
	if c.Endpoint == "" && c.host() == nil {
		if u, err := url.Parse(c.QueueURL); err == nil {
			return u.Scheme + "://" + u.Host
		}
	}
	return c.Endpoint
}

// Check implements queue.Queue.
func (q *Queue) Check(ctx context.Context) error {
	_, err := q.attempts(ctx)
	return err
}
