package masker

import (
	"fmt"
	"unicode/utf8"

	"github.com/maskrail/maskrail/libs/detect"
	"github.com/maskrail/maskrail/libs/policy"
)

const (
	// keyPrefix begins the token of a map's key, and tells what it stands for.
	keyPrefix = "key_"
	// mapDomain and useMapKey are the purpose of the key that makes such tokens.
	mapDomain = "map"
	useMapKey = "/key"
	// keyDigits is how many digits in a row make a key a value.
	keyDigits = 5
)

// keyMask hides the keys of open maps that are data themselves. Equal keys have equal tokens, and no two keys of a map
// become one: tokens are made of the bytes as they stand, and a key that looks like a token becomes another.
type keyMask struct {
	values *detect.Set
	key    int
}

func (p *Plan) newKeyMask() (keyMask, error) {
	values, err := detect.NewSet(p.policy.Region)
	if err != nil {
		return keyMask{}, fmt.Errorf("map: %w", err)
	}
	scope := policy.EnvironmentScope
	if p.policy.Tenant != nil && p.policy.Tenant.Required {
		scope = policy.TenantScope
	}
	return keyMask{values, p.keyFor(purpose{domain: mapDomain, scope: scope, use: useMapKey})}, nil
}

// append appends a key, or its token where the policy does not name it and it may be a value.
func (o keyMask) append(s *scratch, at place, dst, key []byte, named bool) ([]byte, error) {
	if named || !o.sensitive(key) {
		return append(dst, key...), nil
	}
	k, err := s.key(o.key, at)
	if err != nil {
		return dst, err
	}
	s.pending.forms = append(s.pending.forms[:0], key...)
	return s.settle(s.pending.sign(append(dst, keyPrefix...), k.mac, 0, policy.TokenLength), nil)
}

func (o keyMask) sensitive(key []byte) bool {
	run := 0
	for i := 0; i < len(key); {
		r, n := rune(key[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(key[i:])
		}
		i += n
		switch {
		case r == '@' || r == '＠':
			return true
		case digit(r) < 0:
			run = 0
		default:
			if run++; run >= keyDigits {
				return true
			}
		}
	}
	return isKeyToken(key) || o.values.Contains(key)
}

func isKeyToken(key []byte) bool {
	return len(key) == len(keyPrefix)+policy.TokenLength && string(key[:len(keyPrefix)]) == keyPrefix
}
