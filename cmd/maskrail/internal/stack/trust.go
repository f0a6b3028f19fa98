package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/attest"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/libs/sketch"
)

// Trust is the folder that says whose statements are believed.
func (d Dir) Trust() attest.TrustFolder { return attest.TrustFolder(d.path("trust")) }

// signers reads the signing keys of the folder's masker and validator, and the trust. A key that is made here is trusted
// in every environment, and the policies in use are allowed in theirs; what somebody took out of the trust folder is not
// put back, but for the policies.
func (c Config) signers() (masker, validator *attest.Signer, trust attest.Trust, err error) {
	_, err = os.Stat(filepath.Join(string(c.Dir.Trust()), attest.TrustFile))
	first := errors.Is(err, fs.ErrNotExist)
	if masker, err = c.Dir.signer(attest.Masker, first); err != nil {
		return nil, nil, trust, err
	}
	if validator, err = c.Dir.signer(attest.Validator, first); err != nil {
		return nil, nil, trust, err
	}
	if _, err := c.Dir.Trust().Allow(c.Environment, c.Policies.Digests()...); err != nil {
		return nil, nil, trust, err
	}
	if trust, err = c.Dir.Trust().Open(); err != nil {
		return nil, nil, trust, app.Usage(err)
	}
	for role, s := range map[string]*attest.Signer{attest.Masker: masker, attest.Validator: validator} {
		if err := trust.Accepts(role, s.KeyID(), c.Environment, time.Now()); err != nil {
			return nil, nil, trust, app.Usage(fmt.Errorf("trust folder %s: the signing key of this stack: %w: "+
				"change %s there, or delete %s and a new key is made", c.Dir.Trust(), err, attest.TrustFile, c.Dir.signingKey(role)))
		}
	}
	return masker, validator, trust, nil
}

func (d Dir) signingKey(role string) string { return d.path("keys", role+".pem") }

// opener reads the key with which the validator opens what the masker seals to it, and makes it once.
func (d Dir) opener() (*sketch.Opener, error) {
	path := d.path("keys", "seal.pem")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := sketch.CreateKeyPair(path); err != nil {
			return nil, err
		}
	}
	return sketch.LoadOpener(path)
}

// signer reads a signing key. A new one is trusted, as every one is when there is no trust yet.
func (d Dir) signer(role string, trusted bool) (*attest.Signer, error) {
	path := d.signingKey(role)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := keys.Create(path, attest.GenerateKey); err != nil {
			return nil, err
		}
		trusted = true
	}
	s, err := attest.LoadSigner(path)
	if err != nil || !trusted {
		return s, err
	}
	_, err = d.Trust().Add(attest.Entry{Role: role, Key: s.PublicPEM(), Environments: []string{attest.Everywhere}})
	return s, err
}
