// Package awskms wraps and unwraps root keys with a symmetric key of AWS KMS, which never leaves KMS. It is the only
// importer of the KMS client.
//
// Each wrapped root is bound to its purpose by an encryption context, {"application": "maskrail", "epoch": "2"}: KMS
// decrypts it for that epoch and no other, and a key policy can ask for it (kms:EncryptionContext:application).
//
// Region, credentials, endpoint (AWS_ENDPOINT_URL_KMS), authorities and retries come from the standard AWS chain:
// environment, shared configuration, web identity, container or instance role.
//
// Errors name the operation, the permission, key or setting at fault, and what KMS calls the error. Of what the server
// said they hold nothing else, because an answer may carry a key.
package awskms

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/logging"

	"github.com/maskrail/maskrail/libs/keys"
)

// Options overrule the AWS chain. The zero value is right in production.
type Options struct {
	Region   string        // e.g. "eu-central-1"; empty means the chain's
	Endpoint string        // e.g. "https://vpce-0123.kms.eu-central-1.vpce.amazonaws.com"; empty means the chain's
	Timeout  time.Duration // of one call with the retries of the SDK; 0 means 20 s
}

const defaultTimeout = 20 * time.Second

// Client calls KMS. It is safe for concurrent use.
type Client struct {
	options Options

	mu     sync.Mutex
	client *kms.Client
	creds  aws.CredentialsProvider
}

// New makes a client. It reads the AWS configuration with the first call and not before, so that whoever has plain keys
// needs none.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	return &Client{options: o}
}

// connect reads the AWS configuration once. A failure is not kept: the next call tries again.
func (c *Client) connect(ctx context.Context) (*kms.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil {
		if c.options.Endpoint != "" {
			u, err := url.Parse(c.options.Endpoint)
			if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
				return nil, errors.New(`endpoint: want "https://host" or "http://host:port", without credentials`)
			}
		}
		// A third of the time for one attempt leaves room for the SDK's three.
		cfg, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}),
			config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(c.options.Timeout/3)))
		if err != nil {
			return nil, fmt.Errorf("read the aws configuration: %w", err)
		}
		if c.options.Region != "" {
			cfg.Region = c.options.Region
		}
		if cfg.Region == "" {
			return nil, errors.New("no region: set AWS_REGION to that of the key")
		}
		c.creds = cfg.Credentials
		c.client = kms.NewFromConfig(cfg, func(o *kms.Options) {
			if c.options.Endpoint != "" {
				o.BaseEndpoint = aws.String(c.options.Endpoint)
			}
			o.ClientLogMode = 0
		})
	}
	// Before the call, because inside it the SDK tells a lack of credentials from other failures by its text alone. It keeps
	// what it gets until it expires.
	if _, err := c.creds.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, fmt.Errorf("no aws credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is given: %w", err)
	}
	return c.client, nil
}

// call runs one operation within the time that Options give it.
func (c *Client) call(ctx context.Context, operation string, do func(context.Context, *kms.Client) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, c.options.Timeout, fmt.Errorf("no answer in time (%v): check the network and the endpoint", c.options.Timeout))
	defer cancel()
	client, err := c.connect(limited)
	if err == nil {
		if err = do(limited, client); err == nil {
			return nil
		}
		err = clean(limited, operation, client.Options().Region, err)
	}
	return fmt.Errorf("aws kms %s: %w", operation, err)
}

// purpose is the encryption context of an epoch's root.
func purpose(epoch int) map[string]string {
	return map[string]string{"application": "maskrail", "epoch": strconv.Itoa(epoch)}
}

// wrapped is what KMS made of an epoch's root.
func wrapped(epoch int, blob []byte) keys.Entry {
	return keys.Entry{Epoch: epoch, Scheme: keys.AWSKMS, Root: keys.NewSecret(blob)}
}
