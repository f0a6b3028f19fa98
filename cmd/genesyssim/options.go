package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/keys"
)

// The environment's part: secrets have no flags, which others can see.
const (
	clientSecret = "GENESYSSIM_CLIENT_SECRET"
	s3Secret     = app.EnvPrefix + "S3_SECRET_KEY"
)

// options is what the flags and the environment say.
type options struct {
	address string
	config  genesyssim.Config
	s3      app.S3
}

// parse reads the flags. Without an error and without options, help was asked for and given.
func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	c := &o.config
	client := genesyssim.Client{}
	var from, tenants, script string
	f := flag.NewFlagSet("genesyssim", flag.ContinueOnError)
	f.SetOutput(io.Discard)

	f.StringVar(&o.address, "addr", "127.0.0.1:8410", "host:port to serve on; port 0 takes a free one")
	f.StringVar(&script, "script", "", "YAML file of faults, drift and oddities")

	f.Uint64Var(&c.Seed, "seed", 1, "equal seeds make equal conversations")
	f.StringVar(&from, "from", "", "when conversations begin, RFC 3339 or a date (default 35 days ago, at midnight UTC)")
	f.DurationVar(&c.Every, "every", 30*time.Second, "mean time between the starts of two conversations")
	f.Int64Var(&c.Count, "count", 0, "number of conversations; 0 goes on as the clock does")
	f.StringVar(&tenants, "tenants", "", "comma-separated `names` (default acme,globex,initech)")
	f.DurationVar(&c.Lag, "lag", time.Hour, "how far the data is behind the clock")
	f.StringVar(&c.CustomKey, "custom-key", "", "custom attribute of conversations that names the tenant; empty for none")
	f.Int64Var(&c.ErasedEvery, "erased-every", 0, "every so many-th conversation is forgotten days after its end; 0 forgets none")

	f.StringVar(&client.ID, "client-id", "maskrail", "OAuth client; its secret is "+clientSecret+", \"simulated-secret\" by default")
	f.DurationVar(&client.Lifetime, "token-lifetime", 24*time.Hour, "of a token")
	f.IntVar(&c.Quota.PerMinute, "per-minute", 300, "requests of a token on the analytics API in any minute; negative is no limit")
	f.IntVar(&c.Quota.PerSecond, "per-second", 100, "requests of a token on the guides' API in any second; negative is no limit")
	f.IntVar(&c.Quota.JobsOpen, "jobs-open", 0, "details jobs of a token that may run at once; 0 is no limit")
	f.IntVar(&c.Quota.JobsRate, "jobs-per-second", 0, "details jobs of a token begun in any second; 0 is no limit")

	f.DurationVar(&c.Jobs.Queued, "job-queued", time.Second, "how long a job waits")
	f.DurationVar(&c.Jobs.Running, "job-running", 2*time.Second, "how long a job runs")
	f.DurationVar(&c.Jobs.Kept, "job-kept", 24*time.Hour, "how long results can be fetched")
	f.IntVar(&c.Jobs.Rows, "job-rows", 0, "most results of a details job; 0 is no limit")
	f.IntVar(&c.Jobs.ObjectRows, "object-rows", 50_000, "rows of an exported object")
	f.BoolVar(&c.Jobs.Plain, "plain", false, "exported JSON Lines and CSV are not compressed")
	f.BoolVar(&c.Gzip, "gzip", false, "compress replies to clients that accept it")

	f.StringVar(&o.s3.Endpoint, "s3-endpoint", "", "URL of an S3 server for exports and imports")
	f.StringVar(&o.s3.Region, "s3-region", "", "its region; without an endpoint, AWS")
	f.StringVar(&o.s3.AccessKey, "s3-access-key", "", "access key; its secret is "+s3Secret+", without it AWS's own chain decides")
	f.StringVar(&o.s3.SecretKeyFile, "s3-secret-key-file", "", "file with the secret key, mode 0600")
	f.BoolVar(&o.s3.PathStyle, "s3-path-style", false, "the bucket is in the path, as most servers other than AWS need it")

	switch err := f.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(out, "genesyssim serves a simulated contact centre's cloud: the analytics API and the guides' export and import.\n\nFlags:\n")
		f.SetOutput(out)
		f.PrintDefaults()
		return nil, nil
	case err != nil:
		return nil, app.Usage(err)
	case f.NArg() > 0:
		return nil, app.Usage(errors.New("genesyssim has no arguments, only flags: see --help"))
	}
	client.Secret = "simulated-secret"
	if secret := os.Getenv(clientSecret); secret != "" {
		client.Secret = secret
	}
	c.Clients = []genesyssim.Client{client}
	if tenants != "" {
		c.Tenants = strings.Split(tenants, ",")
	}
	if secret := os.Getenv(s3Secret); secret != "" && o.s3.AccessKey != "" {
		o.s3.SecretKey = keys.NewSecret([]byte(secret))
	}
	return o, errors.Join(readTime(from, &c.From), readScript(script, c))
}

func readTime(text string, into *time.Time) error {
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			*into = t
			return nil
		}
	}
	return app.Usage(errors.New("--from: want a time such as 2026-03-01T00:00:00Z or a date"))
}

func readScript(path string, c *genesyssim.Config) error {
	if path == "" {
		return nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return app.Usage(fmt.Errorf("--script: %w", err))
	}
	s, err := genesyssim.ParseScript(content)
	if err != nil {
		return app.Usage(fmt.Errorf("--script: %w", err))
	}
	c.Play(s)
	return nil
}
