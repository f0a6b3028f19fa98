package exporter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/queue/sqs"
	"github.com/maskrail/maskrail/services/exporter/internal/arrival"
)

// Arrivals are the ways by which notifications of the object store come, beside the subjects maskrail.s3.> of the bus, to
// which VersityGW and MinIO can send by themselves.
type Arrivals struct {
	// SQS are queues of Amazon SQS that get the notifications from S3, SNS or EventBridge.
	SQS []SQS `yaml:"sqs,omitempty" envPrefix:"SQS_"`
	// Webhook is POST /events.
	Webhook Webhook `yaml:"webhook" envPrefix:"WEBHOOK_"`
}

// SQS is one queue. Without an access key the credentials come from where AWS tools find them: environment, shared
// configuration, web identity, role of the machine. In the environment queues are numbered: MASKRAIL_ARRIVALS_SQS_0_QUEUE_URL.
type SQS struct {
	// QueueURL is the full URL, such as https://sqs.eu-central-1.amazonaws.com/111122223333/maskrail.
	QueueURL string `yaml:"queueUrl" env:"QUEUE_URL"`
	// Region may be empty: it stands in the URL of a queue of Amazon's, and AWS_REGION decides for others.
	Region string `yaml:"region,omitempty" env:"REGION"`
	// Endpoint is the URL of a server other than that of the queue's URL, such as a VPC endpoint.
	Endpoint string `yaml:"endpoint,omitempty" env:"ENDPOINT"`
	// AccessKey is the name of the key pair and no secret.
	AccessKey string `yaml:"accessKey,omitempty" env:"ACCESS_KEY"`
	// SecretKeyFile is a file with the secret key, mode 0600.
	SecretKeyFile string `yaml:"secretKeyFile,omitempty" env:"SECRET_KEY_FILE"`
}

// Webhook is POST /events on the address of /metrics. It is served when it has a secret.
type Webhook struct {
	// SecretFile is a file, mode 0600, with the secret that senders share, at least 16 characters.
	// MASKRAIL_ARRIVALS_WEBHOOK_SECRET_FILE
	SecretFile string `yaml:"secretFile,omitempty" env:"SECRET_FILE"`
	// Secret is the secret itself; it comes from MASKRAIL_ARRIVALS_WEBHOOK_SECRET alone.
	Secret keys.Secret `yaml:"secret,omitempty" env:"SECRET"`
}

const (
	maxQueues = 16
	minSecret = 16 // bytes
	maxSecret = 4 << 10
)

// Validate names every field that is wrong and what is right.
func (a Arrivals) Validate() error {
	var errs []error
	seen := map[string]int{}
	for i, q := range a.SQS {
		field := fmt.Sprintf("arrivals.sqs[%d]", i)
		if first, twice := seen[q.QueueURL]; twice {
			errs = append(errs, fmt.Errorf("%s.queueUrl: is that of sqs[%d]", field, first))
		}
		seen[q.QueueURL] = i
		c := q.config()
		if (q.AccessKey == "") != (q.SecretKeyFile == "") {
			errs = append(errs, fmt.Errorf("%s: accessKey and secretKeyFile must be set together, or neither for the credentials of the environment", field))
		}
		c.AccessKey = "" // the file is read when it is needed
		for _, err := range each(c.Validate()) {
			errs = append(errs, fmt.Errorf("%s.%w", field, err))
		}
	}
	if len(a.SQS) > maxQueues {
		errs = append(errs, fmt.Errorf("arrivals.sqs: want at most %d queues", maxQueues))
	}
	switch w := a.Webhook; {
	case w.SecretFile != "" && !w.Secret.IsZero():
		errs = append(errs, fmt.Errorf("arrivals.webhook.secretFile: the secret is given twice: unset %sARRIVALS_WEBHOOK_SECRET or arrivals.webhook.secretFile", app.EnvPrefix))
	case !w.Secret.IsZero():
		errs = append(errs, checkSecret(app.EnvPrefix+"ARRIVALS_WEBHOOK_SECRET", w.Secret))
	}
	return errors.Join(errs...)
}

// each of the errors that were joined.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return nil
}

func checkSecret(name string, s keys.Secret) error {
	b := s.Bytes()
	if len(b) < minSecret || len(b) > maxSecret || bytes.ContainsFunc(b, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%s: want a secret of at least %d visible ASCII characters, such as openssl rand -hex 32 makes", name, minSecret)
	}
	return nil
}

// secret is the webhook's, zero when there is no webhook.
func (w Webhook) secret() (keys.Secret, error) {
	if w.SecretFile == "" {
		return w.Secret, nil
	}
	return readSecret("arrivals.webhook.secretFile", w.SecretFile, func(s keys.Secret) error { return checkSecret(w.SecretFile, s) })
}

func readSecret(field, path string, check func(keys.Secret) error) (keys.Secret, error) {
	secret, err := app.ReadSecret(field, path)
	if err != nil {
		return keys.Secret{}, err
	}
	if err := check(secret); err != nil {
		return keys.Secret{}, app.Usage(fmt.Errorf("%s: %w", field, err))
	}
	return secret, nil
}

func (q SQS) config() sqs.Config {
	return sqs.Config{QueueURL: q.QueueURL, Region: q.Region, Endpoint: q.Endpoint, AccessKey: q.AccessKey}
}

// arrivals are the ways of a service, ready to be used.
type arrivals struct {
	queues []*sqs.Queue
	polled arrival.Way  // the way of all queues
	hook   http.Handler // nil without a secret
}

// openArrivals reads secrets and makes connections; it does not talk to any server yet.
func openArrivals(c Arrivals, deps app.Deps) (_ *arrivals, err error) {
	way := arrival.Way{Subject: arrival.SQS, Bus: deps.Bus, Telemetry: deps.Telemetry}
	a := &arrivals{polled: way}
	for i, q := range c.SQS {
		field := fmt.Sprintf("arrivals.sqs[%d]", i)
		qc := q.config()
		qc.Log = deps.Telemetry.Log().With("queue", field)
		if q.SecretKeyFile != "" {
			if qc.SecretKey, err = readSecret(field+".secretKeyFile", q.SecretKeyFile, func(keys.Secret) error { return nil }); err != nil {
				return nil, err
			}
		}
		opened, err := sqs.New(context.Background(), qc) // it reads files
		if err != nil {
			return nil, fmt.Errorf("%s: %w", field, err)
		}
		a.queues = append(a.queues, opened)
	}
	secret, err := c.Webhook.secret()
	if err != nil {
		return nil, err
	}
	if !secret.IsZero() {
		way.Subject = arrival.Webhook
		a.hook = arrival.NewHook(way, secret)
	}
	return a, nil
}

// run hands on what comes to the queues until ctx ends.
func (a *arrivals) run(ctx context.Context, workers int) {
	var polls sync.WaitGroup
	for _, q := range a.queues {
		polls.Go(func() { _ = a.polled.Poll(ctx, q, workers) }) // it ends with ctx alone
	}
	polls.Wait()
	for _, q := range a.queues {
		_ = q.Close() // idle connections alone
	}
}

// Handlers are what the exporter serves over HTTP, by pattern of http.ServeMux.
func (s *Service) Handlers() map[string]http.Handler {
	served := map[string]http.Handler{}
	if s.arrivals.hook != nil {
		served["POST /events"] = s.arrivals.hook
	}
	if !s.exports.token.IsZero() {
		served["POST /refresh"] = &s.exports
	}
	return served
}

// Checks are for /readyz: each queue can be read.
func (s *Service) Checks() (all []app.Check) {
	for i, q := range s.arrivals.queues {
		all = append(all, app.Check{Name: fmt.Sprintf("sqs[%d]", i), Run: q.Check})
	}
	return all
}
