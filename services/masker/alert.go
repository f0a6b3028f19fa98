package masker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/drift"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
)

const (
	noticeQueue = 256         // notices that wait to be sent; what is beyond is found in the bucket
	noticeRound = time.Minute // how often the bucket is looked through for notices that were not sent
	// noticeClaim is how long a notice is left to the process that wrote it.
	noticeClaim = 2 * time.Minute
	// noticeAge is how long sending is tried again: what nobody took in a week is listed, and not sent any more.
	noticeAge = 7 * 24 * time.Hour
)

// notice writes down the fields that are seen for the first time and queues them to be told. Whether a field is new is
// decided by the bucket, so it survives restarts and holds for all processes.
func (s *Service) notice(ctx context.Context, plan *Plan, in objref.Ref, fields []drift.Field) error {
	for _, f := range fields {
		n := drift.Notice{
			Environment: plan.environment, Entity: in.Entity, Policy: plan.policy.Digest(), Name: plan.policy.Name,
			Field: f, Object: in.Object.ShortID(), First: time.Now().UTC().Truncate(time.Second),
		}
		if f.Kind == drift.Vanished && !f.Waits {
			continue
		}
		if _, known := s.noticedAlready.Load(n.ID()); known {
			continue
		}
		first, err := n.Claim(ctx, s.deps.Store, s.config.Buckets.Quarantine)
		switch {
		case errors.Is(err, blob.ErrUnavailable), ctx.Err() != nil:
			return err
		case err != nil: // a notice less, and no reason to stop what is masked well
			s.deps.Telemetry.Log().WarnContext(ctx, "a field that has drifted cannot be noted", "error", err.Error())
			return nil
		}
		s.noticedAlready.Store(n.ID(), true)
		if !first {
			continue
		}
		s.deps.Telemetry.Log().WarnContext(ctx, "a field has drifted", "entity", n.Entity, "field", f.Path, "kind", string(f.Kind), "waits", f.Waits, "object", in.Object)
		select {
		case s.notices <- n:
		default:
		}
	}
	return nil
}

// tell sends notices until ctx ends: at once what is new, and from time to time what an earlier process or an outage left.
func (s *Service) tell(ctx context.Context) {
	round := time.NewTicker(noticeRound)
	defer round.Stop()
	s.retell(ctx)
	for {
		select {
		case n := <-s.notices:
			s.send(ctx, n)
		case <-round.C:
			s.retell(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// retell sends what was claimed some time ago and not sent.
func (s *Service) retell(ctx context.Context) {
	for n, err := range drift.Notices(ctx, s.deps.Store, s.config.Buckets.Quarantine, s.config.Environment) {
		if err != nil {
			if ctx.Err() == nil {
				s.deps.Telemetry.Log().WarnContext(ctx, "notices of drift cannot be read, the next round tries again", "error", err.Error())
			}
			return
		}
		if age := time.Since(n.First); !n.Sent && age > noticeClaim && age < noticeAge {
			s.send(ctx, n)
		}
	}
}

// send tells the bus and the webhook of a notice and notes that. What fails is tried again in a later round.
func (s *Service) send(ctx context.Context, n drift.Notice) {
	err := s.publish(ctx, n)
	if err == nil {
		err = s.hook.post(ctx, n)
	}
	if err == nil {
		err = n.Done(ctx, s.deps.Store, s.config.Buckets.Quarantine)
	}
	if err != nil && ctx.Err() == nil {
		s.deps.Telemetry.Log().WarnContext(ctx, "nobody was told of a field that has drifted, a later round tries again",
			"entity", n.Entity, "field", n.Field.Path, "error", err.Error())
	}
}

func (s *Service) publish(ctx context.Context, n drift.Notice) error {
	m, err := n.Message()
	if err != nil {
		return err
	}
	return s.deps.Bus.Publish(ctx, m)
}

// webhook is who is told over HTTP. The URL is a secret: whoever has it can post.
type webhook struct {
	url    keys.Secret
	client *http.Client
}

const (
	hookTries = 3
	hookPause = 2 * time.Second // before the second try; twice as long before the third
)

func newWebhook(c DriftConfig) (webhook, error) {
	to, err := c.url()
	return webhook{to, &http.Client{
		Timeout:   c.Timeout,
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true}, // calls are rare
		// Whom to tell is the configuration's to say.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, err
}

// alert is the body of a webhook's call.
type alert struct {
	Event string `json:"event"` // drift.EventType
	Text  string `json:"text"`  // one line for people, as chat systems show it
	drift.Notice
}

// post tells the webhook, if there is one. No error holds a part of the URL.
func (w webhook) post(ctx context.Context, n drift.Notice) (err error) {
	if w.url.IsZero() {
		return nil
	}
	body, err := json.Marshal(alert{drift.EventType, n.Line(), n})
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	pause := hookPause
	for try := range hookTries {
		if try > 0 {
			select {
			case <-time.After(pause):
				pause *= 2
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if err = w.once(ctx, body); err == nil {
			return nil
		}
	}
	return err
}

func (w webhook) once(ctx context.Context, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, string(w.url.Bytes()), bytes.NewReader(body))
	if err != nil {
		return errors.New("webhook: the URL is none")
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := w.client.Do(r)
	if err != nil { // its text holds the URL
		var timeout net.Error
		if errors.As(err, &timeout) && timeout.Timeout() {
			return errors.New("webhook: no answer in time")
		}
		return errors.New("webhook: no connection")
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("webhook: status %d", answer.StatusCode)
	}
	return nil
}
