package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/genesyssim"
	"github.com/maskrail/maskrail/libs/run"
	"github.com/maskrail/maskrail/policies"
	"github.com/maskrail/maskrail/services/exporter"
)

// demoSources are the sources that the demo simulates: what their data needs for a policy, how many records make a demo that
// takes seconds, and which rows of them come, for it is never as many as there are.
var demoSources = map[string]struct {
	policies []string
	rows     int64
	thing    string
	come     string
}{
	run.SourceExport: {[]string{"guide-interaction"}, demoRows, "interaction", "those that callers began, by the source's filter"},
	run.SourceAnalytics: {[]string{"genesys-interaction", "genesys-conversation"}, 2_000, "conversation",
		"those that have ended, each as a row of the tables conversation and interaction"},
}

// The simulated client, and how far back its data goes.
const (
	demoSource = "simulated"
	demoClient = "maskrail"
	demoSecret = "simulated-secret"
	demoSpan   = 7 * 24 * time.Hour
)

// demoSource exports from a simulated cloud, twice.
func (t *terminal) demoSource(ctx context.Context, dir stack.Dir, kind string, rows int64, seed uint64) error {
	var texts [][]byte
	for _, name := range demoSources[kind].policies {
		text, _ := policies.Find(name)
		texts = append(texts, text)
	}
	cfg, err := demoConfig(dir, bytes.Join(texts, []byte("---\n")))
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve the simulated cloud: %w", err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute}
	defer func() { _ = server.Close() }() // nothing of it is left to keep
	secret := filepath.Join(string(dir), "keys", "simulated.secret")
	if err := os.WriteFile(secret, []byte(demoSecret), 0o600); err != nil {
		return fmt.Errorf("write the simulated client's secret: %w", err)
	}
	address := "http://" + listener.Addr().String()
	cfg.Sources = []exporter.Source{{
		Name: demoSource, Type: kind, API: address, Login: address, ClientID: demoClient, ClientSecretFile: secret, Schedule: new(""),
	}}
	s, err := open(ctx, t, cfg)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer s.close(ctx)
	if !s.stack.Own() {
		return errors.Join(listener.Close(), app.Usage(fmt.Errorf("a stack runs on %s, and it knows no simulated cloud: stop it, or choose another folder with --dir", shown(string(dir)))))
	}
	to := time.Now().UTC().Truncate(time.Minute)
	from := to.Add(-demoSpan)
	sim, err := genesyssim.New(genesyssim.Config{
		Seed: seed, From: from, Every: max(demoSpan/time.Duration(rows), time.Millisecond), Count: rows, Store: s.stack.Store(),
		Clients: []genesyssim.Client{{ID: demoClient, Secret: demoSecret}},
		Jobs:    genesyssim.Jobs{Queued: 100 * time.Millisecond, Running: 200 * time.Millisecond},
	})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	server.Handler = sim
	go func() { _ = server.Serve(listener) }() // it ends with the demo; what it could not serve the export tells

	what := demoSources[kind]
	t.say("%s in a simulated cloud; %s exports %s:\n", count(rows, what.thing), kind, what.come)
	return s.twice(ctx, "The same seven days exported again", func() (Report, error) {
		s.started = time.Now()
		id, err := s.ask(ctx, exporter.RefreshRequest{Source: demoSource, From: from, To: to, By: userName()})
		if err != nil {
			return Report{}, err
		}
		r, err := s.exported(ctx, demoSource, id)
		r.Table = "interaction" // beside the records themselves, where the source has them
		return r, err
	})
}
