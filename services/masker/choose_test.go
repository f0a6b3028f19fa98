package masker

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"testing"

	"github.com/maskrail/maskrail/libs/policy"
)

func testTokenKey(t testing.TB) *tokenKey {
	t.Helper()
	k, err := testPlan(t, oneColumn).derive(purpose{domain: "test", scope: policy.EnvironmentScope, use: "/choose"}, "")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestChooseConstruction computes choices by the documented steps, with nothing of this package.
func TestChooseConstruction(t *testing.T) {
	t.Parallel()
	root, err := base64.StdEncoding.DecodeString("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=")
	if err != nil {
		t.Fatal(err)
	}
	var info []byte
	for _, part := range []string{"maskrail-token-v1", "environment", "", "test/choose", "1"} {
		info = binary.BigEndian.AppendUint64(info, uint64(len(part)))
		info = append(info, part...)
	}
	secret, err := hkdf.Key(sha256.New, root, []byte("sandbox"), string(info), 32)
	if err != nil {
		t.Fatal(err)
	}
	key := testTokenKey(t)
	// The last two have about a third and half of all blocks too many.
	for _, n := range []uint64{1, 2, 60, 1611, 280_771_920, math.MaxUint64/3*2 + 9, 1<<63 + 1} {
		skipped := 0
		for value := range 100 {
			text := []byte(strconv.Itoa(value))
			var want *big.Int
			block := uint32(0)
			for ; ; block++ {
				mac := hmac.New(sha256.New, secret)
				mac.Write(binary.BigEndian.AppendUint32(text, block))
				product := new(big.Int).Mul(new(big.Int).SetBytes(mac.Sum(nil)[:8]), new(big.Int).SetUint64(n))
				all := new(big.Int).Lsh(big.NewInt(1), 64)
				surplus := new(big.Int).Mod(all, new(big.Int).SetUint64(n))
				if new(big.Int).Mod(product, all).Cmp(surplus) >= 0 {
					want = product.Rsh(product, 64)
					break
				}
				skipped++
			}
			if got, next := key.choose(text, n, 0); got != want.Uint64() || next != block+1 {
				t.Fatalf("one of %d for %s: got %d and block %d, want %d and %d", n, text, got, next, want, block+1)
			}
		}
		if n > 1<<62 != (skipped > 0) {
			t.Errorf("one of %d: %d blocks were skipped", n, skipped)
		}
	}
}

// TestChooseEven: every choice is as likely as any other, by a chi-square test that an honest choice fails once in a
// million keys; the key is fixed.
func TestChooseEven(t *testing.T) {
	t.Parallel()
	key := testTokenKey(t)
	const n, each = 60, 1000
	var count [n]float64
	for i := range n * each {
		c, _ := key.choose([]byte(strconv.Itoa(i)), n, 0)
		count[c]++
	}
	sum := 0.0
	for _, c := range count {
		sum += (c - each) * (c - each) / each
	}
	if sum > 125 { // 59 degrees of freedom
		t.Errorf("chi-square is %.1f", sum)
	}
}
