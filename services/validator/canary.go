package validator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/canary"
	"github.com/maskrail/maskrail/libs/columnar"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
	"github.com/maskrail/maskrail/libs/stage"
	"github.com/maskrail/maskrail/libs/telemetry"
)

const (
	// canaryWait is how long an object waits while its environment is stopped.
	canaryWait = time.Minute
	// maxCanaries is the most judgements that are remembered: one for each policy, key and masker of late.
	maxCanaries = 64
)

// canaryVerdict is what was found out about one canary.
type canaryVerdict struct {
	doubt string    // why it proves nothing; the object that names it is refused
	left  []Finding // what survived; the environment is stopped
	rows  int64     // records that were read, in both parts
	key   string    // id of the key that has signed the statement
}

// canaries remembers judgements and what stops the environment.
type canaries struct {
	mu      sync.Mutex
	judged  map[string]canaryVerdict // by entity, policy, key and digest of the statement
	stopped map[string]bool          // by entity: its last canary that proves something had survivors
}

// watchCanary judges the canary that an object's statement names, once for each, and holds the object back while a value
// of a canary survives: then the masker does not do what its statements say, whatever they say.
func (s *Service) watchCanary(ctx context.Context, e *evidence) error {
	s.canaries.mu.Lock()
	defer s.canaries.mu.Unlock()
	if m := e.attested; m != nil && m.Canary != nil && e.policy != nil {
		id := strings.Join([]string{e.ref.Entity, e.policy.Digest(), m.Writer, m.Code, m.KeyFingerprint, strconv.Itoa(e.ref.KeyEpoch), m.Canary.Key, m.Canary.SHA256}, "\x00")
		v, known := s.canaries.judged[id]
		if !known || e.trust.Accepts(attest.Masker, v.key, e.environment, time.Now()) != nil { // or not any more
			var err error
			if v, err = s.judgeCanary(ctx, e); err != nil {
				return fmt.Errorf("judge the canary of %s: %w", e.ref.Object, err)
			}
			if s.canaries.judged == nil || len(s.canaries.judged) >= maxCanaries {
				s.canaries.judged = map[string]canaryVerdict{}
			}
			if v.doubt == "" || len(v.left) > 0 { // a doubt may pass, such as that in a key which is trusted later
				s.canaries.judged[id] = v
			}
			s.told(ctx, e.ref.Entity, v)
		}
		switch {
		case len(v.left) > 0:
			if s.canaries.stopped == nil {
				s.canaries.stopped = map[string]bool{}
			}
			s.canaries.stopped[e.ref.Entity] = true
		case v.doubt == "":
			delete(s.canaries.stopped, e.ref.Entity) // another canary, and it is clean
		}
		e.canary = &v
	}
	return s.halted()
}

// told says once what survived.
func (s *Service) told(ctx context.Context, entity string, v canaryVerdict) {
	for _, f := range v.left {
		s.deps.Telemetry.Log().ErrorContext(ctx, "a canary survived: the environment is stopped until the masker's canary is another",
			"entity", entity, "class", f.Class, "field", f.Field, "detector", f.Detector, "count", f.Count, "detail", f.Detail)
	}
}

// halted is the error of an environment that is stopped.
func (s *Service) halted() error {
	if len(s.canaries.stopped) == 0 {
		return nil
	}
	return stage.RetryAfter(errors.New("a canary survived: no object of this environment is taken until the masker's canary is another"), canaryWait)
}

// Checks are for /readyz: a validator that takes no objects is not ready.
func (s *Service) Checks() []app.Check {
	return []app.Check{
		{Name: "canary", Run: func(context.Context) error {
			s.canaries.mu.Lock()
			defer s.canaries.mu.Unlock()
			return s.halted()
		}},
		{Name: "trust", Run: s.trust.Ready},
	}
}

// judgeCanary reads the statement and its two files cold.
func (s *Service) judgeCanary(ctx context.Context, e *evidence) (v canaryVerdict, err error) {
	ctx, end := telemetry.Start(ctx, "check canary", telemetry.String("maskrail.entity", e.ref.Entity))
	defer func() { end(err) }()
	m := e.attested
	where := canary.Prefix + objref.Token(e.environment) + "/" + objref.Token(e.ref.Entity) + "/"
	if !strings.HasPrefix(m.Canary.Key, where) {
		return canaryVerdict{doubt: "the canary does not lie where those of the environment and entity do"}, nil
	}
	raw, err := readDocument(ctx, s.deps.Store, e.ref.Object.Bucket, m.Canary.Key)
	switch {
	case errors.Is(err, blob.ErrNotFound), errors.Is(err, errTooLarge):
		return canaryVerdict{doubt: "the canary's statement is not in the bucket"}, nil
	case err != nil:
		return v, err
	case hexSHA256(raw) != m.Canary.SHA256:
		return canaryVerdict{doubt: "the canary's statement has other bytes than attested"}, nil
	}
	st, wrong := e.trust.Verify(raw, attest.Masker, canary.StatementType)
	if wrong == nil {
		wrong = e.trust.Accepts(attest.Masker, attest.KeyID(raw), e.environment, time.Now())
	}
	if wrong != nil {
		return canaryVerdict{doubt: "the canary's statement: " + wrong.Error()}, nil
	}
	v.key = attest.KeyID(raw)
	about, parts, wrong := canary.Read(st)
	if wrong != nil {
		return canaryVerdict{doubt: wrong.Error()}, nil
	}
	if about.Environment != e.environment || about.Entity != e.ref.Entity || about.Policy != e.policy.Digest() || about.Writer != m.Writer || about.Code != m.Code ||
		about.KeyFingerprint != m.KeyFingerprint || about.KeyEpoch != e.ref.KeyEpoch || about.Rows != int64(canary.Count()) {
		return canaryVerdict{doubt: "the canary was masked otherwise than the object: by another policy, key, writer or program, or for another environment"}, nil
	}
	for _, p := range parts {
		if !strings.HasPrefix(p.Key, where) {
			v.doubt = "a part of the canary does not lie beside its statement"
			return v, nil
		}
		if v.doubt, err = s.judgePart(ctx, e, p, &v); v.doubt != "" || err != nil {
			return v, err // with what survived in an earlier part
		}
	}
	return v, nil
}

// partRules are the rules that a masked canary is held against; the others are about statements and references.
var partRules = map[string]bool{"file": true, "schema": true, "treatments": true, "key": true, "tenants": true, "detectors": true, "metadata": true}

// judgePart reads one masked file of canaries like any other, and then looks for the values in it.
func (s *Service) judgePart(ctx context.Context, e *evidence, p canary.Part, v *canaryVerdict) (doubt string, err error) {
	f, err := blob.Download(ctx, s.deps.Store, blob.Location{Bucket: e.ref.Object.Bucket, Key: p.Key}, s.cfg.TempDir)
	if errors.Is(err, blob.ErrNotFound) {
		return "a part of the canary is not in the bucket", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // a copy that was only read
	if f.SHA256 != p.SHA256 {
		return "a part of the canary has other bytes than attested", nil
	}
	part := &evidence{
		ref:         objref.Ref{Entity: e.ref.Entity, Environment: e.environment, Tenant: objref.Several, Object: objref.From(f.Object)},
		environment: e.environment, policy: e.policy, object: f.Object, sha256: f.SHA256, bytes: f.Bytes,
	}
	if err := s.readFile(ctx, part, f); err != nil {
		return "", err
	}
	for _, o := range judge(part) {
		switch {
		case !partRules[o.Rule] || o.Result == Passed:
		case o.Result == NotRun:
			v.left = append(v.left, Finding{Class: ClassCanary, Detail: "the canary cannot be judged by the rule " + o.Rule})
		default:
			v.left = append(v.left, o.Findings...)
		}
	}
	if part.cells == nil {
		return "", nil
	}
	if part.cells.rows != int64(canary.Count()) {
		return fmt.Sprintf("a part of the canary has %d records, want %d", part.cells.rows, canary.Count()), nil
	}
	v.rows += part.cells.rows
	left, err := survivors(ctx, io.NewSectionReader(f, 0, f.Bytes), e.policy)
	v.left = append(v.left, left...)
	return "", err
}

// survivors looks for the values of canaries in every value of a file.
func survivors(ctx context.Context, source *io.SectionReader, p *policy.Policy) (found []Finding, err error) {
	r, err := columnar.Open(source, columnar.Options{Format: columnar.FormatParquet})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	count := map[Finding]int64{}
	var order []Finding
	for {
		batch, err := r.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for i, f := range batch.Schema().Fields() {
			columnar.EachText(batch.Column(i), func(text string) {
				class, form := canary.Find(text)
				if class == "" {
					return
				}
				f := Finding{Class: ClassCanary, Field: showMember(p.Tree(), f.Name, i), Detector: class, Detail: "a canary's " + class + " in the form " + form + " survived"}
				if count[f]++; count[f] == 1 {
					order = append(order, f)
				}
			})
		}
		batch.Release()
	}
	for _, f := range order {
		n := f
		n.Count = count[f]
		found = append(found, n)
	}
	return found, nil
}

// checkCanary wants a canary that was masked as the object was. One that had survivors does not come this far.
func checkCanary(e *evidence) (string, []Finding) {
	wrong := func(detail string) (string, []Finding) {
		return "", []Finding{{Class: ClassCanary, Detail: detail}}
	}
	switch {
	case e.attested.Canary == nil:
		return wrong("the masker attests no canary: mask the object again with a masker of this version")
	case e.canary == nil:
		return wrong("there is no policy to judge the canary by")
	case e.canary.doubt != "":
		return wrong(e.canary.doubt)
	}
	return plural(e.canary.rows, "canary record") + ", nothing left of them", nil
}
