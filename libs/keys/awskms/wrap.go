package awskms

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/maskrail/maskrail/libs/keys"
)

// Operations, by the names that permissions have as well.
const (
	decrypt  = "Decrypt"
	encrypt  = "Encrypt"
	generate = "GenerateDataKeyWithoutPlaintext"
)

var _ keys.Unwrap = (*Client)(nil).Unwrap

// Unwrap is a keys.Unwrap. It needs kms:Decrypt.
func (c *Client) Unwrap(ctx context.Context, e keys.Entry) (keys.Secret, error) {
	out, err := c.decrypt(ctx, e)
	if err != nil {
		return keys.Secret{}, err
	}
	return keys.NewSecret(out.Plaintext), nil
}

// KeyOf is the ARN of the KMS key that wrapped an entry. Only KMS can tell, by decrypting it.
func (c *Client) KeyOf(ctx context.Context, e keys.Entry) (string, error) {
	out, err := c.decrypt(ctx, e)
	if err != nil {
		return "", err
	}
	if aws.ToString(out.KeyId) == "" {
		return "", errors.New("aws kms Decrypt: the answer names no key")
	}
	return *out.KeyId, nil
}

func (c *Client) decrypt(ctx context.Context, e keys.Entry) (out *kms.DecryptOutput, err error) {
	if e.Scheme != keys.AWSKMS {
		return nil, fmt.Errorf("aws kms Decrypt: the key of epoch %d is not wrapped by AWS KMS", e.Epoch)
	}
	err = c.call(ctx, decrypt, func(ctx context.Context, client *kms.Client) error {
		out, err = client.Decrypt(ctx, &kms.DecryptInput{CiphertextBlob: e.Root.Bytes(), EncryptionContext: purpose(e.Epoch)})
		return err
	})
	return out, err
}

// Generate makes the root of an epoch, 32 bytes, inside KMS: the caller never sees it. key is the id, ARN or alias of a
// symmetric key. It needs kms:GenerateDataKeyWithoutPlaintext.
func (c *Client) Generate(ctx context.Context, key string, epoch int) (keys.Entry, error) {
	var out *kms.GenerateDataKeyWithoutPlaintextOutput
	err := c.call(ctx, generate, func(ctx context.Context, client *kms.Client) (err error) {
		if err := checkKey(key, client.Options().Region); err != nil {
			return err
		}
		out, err = client.GenerateDataKeyWithoutPlaintext(ctx, &kms.GenerateDataKeyWithoutPlaintextInput{
			KeyId: aws.String(key), KeySpec: types.DataKeySpecAes256, EncryptionContext: purpose(epoch),
		})
		return err
	})
	if err != nil {
		return keys.Entry{}, err
	}
	return wrapped(epoch, out.CiphertextBlob), nil
}

// Wrap encrypts a plain entry, which keeps its epoch and with it its fingerprint. It needs kms:Encrypt.
func (c *Client) Wrap(ctx context.Context, key string, e keys.Entry) (keys.Entry, error) {
	if e.Scheme != "" {
		return keys.Entry{}, fmt.Errorf("aws kms Encrypt: the key of epoch %d is wrapped already", e.Epoch)
	}
	var out *kms.EncryptOutput
	err := c.call(ctx, encrypt, func(ctx context.Context, client *kms.Client) (err error) {
		if err := checkKey(key, client.Options().Region); err != nil {
			return err
		}
		out, err = client.Encrypt(ctx, &kms.EncryptInput{KeyId: aws.String(key), Plaintext: e.Root.Bytes(), EncryptionContext: purpose(e.Epoch)})
		return err
	})
	if err != nil {
		return keys.Entry{}, err
	}
	return wrapped(e.Epoch, out.CiphertextBlob), nil
}

// checkKey tells a key of another region, for which KMS has no error of its own.
func checkKey(key, region string) error {
	if key == "" {
		return local("no key: name it by its id, its ARN or alias/NAME")
	}
	if a, err := arn.Parse(key); err == nil && a.Region != region {
		return local(fmt.Sprintf("the key is in region %s, and this one is %s: use the key's region", a.Region, region))
	}
	return nil
}
