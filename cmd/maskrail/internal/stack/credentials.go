package stack

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
)

// credentials are the S3 access key of a stack, made once per folder.
type credentials struct{ access, secret string }

// credentials reads the folder's access key, or makes one.
func (d Dir) credentials() (credentials, error) {
	path := d.Credentials()
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		c := credentials{access: "maskrail" + rand.Text()[:12], secret: rand.Text() + rand.Text()}
		text := fmt.Sprintf("[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n", c.access, c.secret)
		return c, writeFile(path, []byte(text))
	}
	if err != nil {
		return credentials{}, fmt.Errorf("read S3 credentials: %w", err)
	}
	var c credentials
	for s := bufio.NewScanner(bytes.NewReader(b)); s.Scan(); {
		name, value, _ := strings.Cut(s.Text(), "=")
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			c.access = strings.TrimSpace(value)
		case "aws_secret_access_key":
			c.secret = strings.TrimSpace(value)
		}
	}
	if c.access == "" || c.secret == "" {
		return credentials{}, fmt.Errorf("%s holds no access key: delete it while no stack runs and a new one is made", path)
	}
	return c, nil
}

func (c credentials) secretKey() keys.Secret { return keys.NewSecret([]byte(c.secret)) }

// common is the configuration of a worker on servers of this machine.
func (c credentials) common(nats, s3 string) app.Common {
	common := app.DefaultCommon()
	common.NATS.URL = nats
	common.S3 = app.S3{Endpoint: s3, AccessKey: c.access, SecretKey: c.secretKey(), PathStyle: true}
	return common
}
