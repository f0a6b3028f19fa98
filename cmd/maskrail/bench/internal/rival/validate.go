package rival

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/pair"
	"github.com/maskrail/maskrail/libs/blob"
	"github.com/maskrail/maskrail/libs/blob/memblob"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/objref"
	"github.com/maskrail/maskrail/libs/policy"
)

// Attested masks a file as the pipeline does, with statement and canary, into a folder.
type Attested struct {
	File, Policy, Key, Dir string
}

// Validate judges what Attested left in a folder, as the pipeline does.
type Validate struct {
	Policy, Key, Dir string
	Rows             int64
}

// shelf is what such a folder has beside the objects, which are files by number.
type shelf struct {
	Keys    pair.Keys
	Ref     objref.Ref
	Objects []string // keys in the masked bucket
}

const shelfFile = "shelf.json"

// Run masks.
func (a Attested) Run(ctx context.Context) error {
	s := shelf{}
	var err error
	if s.Keys, err = pair.NewKeys(); err != nil {
		return err
	}
	store, both, err := twins(a.Policy, a.Key, s.Keys)
	if err != nil {
		return err
	}
	f, err := os.Open(a.File)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	raw, err := store.Put(ctx, blob.Location{Bucket: pair.Buckets().Raw, Key: "interaction/bench.parquet"}, f, info.Size(), blob.PutOptions{})
	if err != nil {
		return err
	}
	out, err := both.Masker.Mask(ctx, objref.Ref{Entity: "interaction", Run: "bench", Object: objref.From(raw)})
	if err != nil {
		return err
	}
	s.Ref = out[0]
	if err := os.MkdirAll(a.Dir, 0o755); err != nil {
		return err
	}
	for o, err := range store.List(ctx, pair.Buckets().Masked, "") {
		if err != nil {
			return err
		}
		if err := save(ctx, store, o.Location, a.Dir, len(s.Objects)); err != nil {
			return err
		}
		s.Objects = append(s.Objects, o.Key)
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(a.Dir, shelfFile), text, 0o600)
}

func save(ctx context.Context, store blob.Store, loc blob.Location, dir string, number int) error {
	body, _, err := store.Get(ctx, loc, blob.Range{})
	if err != nil {
		return err
	}
	defer body.Close()
	f, err := os.Create(numbered(dir, number))
	if err != nil {
		return err
	}
	_, err = io.Copy(f, body)
	return errors.Join(err, f.Close())
}

func numbered(dir string, number int) string {
	return filepath.Join(dir, fmt.Sprintf("object-%d", number))
}

// Run validates.
func (v Validate) Run(ctx context.Context) error {
	text, err := os.ReadFile(filepath.Join(v.Dir, shelfFile))
	if err != nil {
		return err
	}
	var s shelf
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	store, both, err := twins(v.Policy, v.Key, s.Keys)
	if err != nil {
		return err
	}
	for i, key := range s.Objects {
		body, err := os.ReadFile(numbered(v.Dir, i))
		if err != nil {
			return err
		}
		o, err := store.Put(ctx, blob.Location{Bucket: pair.Buckets().Masked, Key: key}, bytes.NewReader(body), int64(len(body)), blob.PutOptions{})
		if err != nil {
			return err
		}
		if key == s.Ref.Object.Key {
			format := s.Ref.Object.Format
			s.Ref.Object = objref.From(o)
			s.Ref.Object.Format = format
		}
	}
	out, err := both.Validator.Validate(ctx, s.Ref)
	if err == nil && (len(out) != 1 || out[0].Rows != v.Rows) {
		err = fmt.Errorf("not %d rows were validated", v.Rows)
	}
	return err
}

// twins are a masker and a validator of the bench's environment, on a store of their own.
func twins(policyFile, keyFile string, signing pair.Keys) (*memblob.Store, *pair.Pair, error) {
	policies, err := policy.Load(policyFile)
	if err != nil {
		return nil, nil, err
	}
	ring, err := keys.Load(keys.Source{File: keyFile})
	if err != nil {
		return nil, nil, err
	}
	b := pair.Buckets()
	store := memblob.New(b.Raw, b.Masked, b.Quarantine)
	both, err := pair.New(pair.Options{Environment: "bench", Policies: policies, Ring: ring, Store: store, Keys: signing, Workers: threads})
	return store, both, err
}
