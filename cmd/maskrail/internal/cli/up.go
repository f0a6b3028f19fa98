package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/keys"
	"github.com/maskrail/maskrail/services/exporter"
)

// exporterConfig reads the exporter's configuration for a stack, whose policies are the entities that there are.
func exporterConfig(file string, stack stack.Config) (*exporter.Config, error) {
	c := exporter.Default()
	c.Environments, c.Entities = []string{stack.Environment}, entities(stack.Policies)
	if err := app.Load(file, &c); err != nil {
		return nil, err
	}
	return &c, nil
}

func newUp(t *terminal) *cobra.Command {
	var (
		s     settings
		ports stack.Ports
		hook  string
		drops string
		from  string
	)
	c := &cobra.Command{
		Use:   "up --dir DIR --policy P --key-file K",
		Short: "Run the whole pipeline on this machine until a signal",
		Long: `Runs NATS, S3 and all four workers in one place, on 127.0.0.1 and with everything under DIR.
Objects that land in the bucket maskrail-raw go through the pipeline; the first segment of a key is
the object's entity, as in interaction/2026-03-09.parquet, unless a route of --exporter-config says
what lies in its folder. With --sources it exports those as well, each on its schedule. Stops cleanly
on SIGINT and SIGTERM.`,
		Example: `  maskrail up --policy policy.yaml --key-file root.key --dir data --http-port 8080
  curl http://127.0.0.1:8080/readyz
  maskrail up --policy policy.yaml --key-file root.key --dir data --sources sources.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for flag, port := range map[string]int{"--s3-port": ports.S3, "--nats-port": ports.NATS, "--http-port": ports.HTTP} {
				if port < 0 || port > 65535 {
					return app.Usage(fmt.Errorf("%s %d: want a port from 1 to 65535, or 0 for a free one", flag, port))
				}
			}
			cfg, err := s.config(c.Context())
			if err != nil {
				return err
			}
			if cfg.Sources, err = readSources(from); err != nil {
				return err
			}
			cfg.Ports, cfg.Logs = ports, t.err
			if drops != "" {
				if cfg.Exporter, err = exporterConfig(drops, cfg); err != nil {
					return fmt.Errorf("--exporter-config: %w", err)
				}
			}
			if cfg.Drift.WebhookFile = hook; hook == "" {
				cfg.Drift.Webhook = keys.NewSecret([]byte(os.Getenv(app.EnvPrefix + "DRIFT_WEBHOOK")))
			}
			st, err := stack.Start(c.Context(), cfg)
			if errors.Is(err, stack.ErrInUse) {
				return fmt.Errorf("%w: run and replay can use the stack that runs there; stop it before another up", err)
			}
			if err != nil {
				return err
			}
			info := st.Info()
			t.say("S3    %s  (credentials: %s)", info.S3, info.Credentials)
			t.say("NATS  %s", info.NATS)
			t.say("HTTP  %s  (/metrics /healthz /readyz /refresh/{run})", info.HTTP)
			t.say("sandbox %s", cfg.Dir.Sandbox(cfg.Environment))
			t.say("\nDrop a file: AWS_SHARED_CREDENTIALS_FILE=%s aws --endpoint-url %s s3 cp FILE s3://maskrail-raw/%s/", info.Credentials, info.S3, entities(cfg.Policies)[0])
			t.say("Stop with Ctrl-C.")
			if t.json {
				t.report(info)
			}
			var failed error
			select {
			case <-c.Context().Done():
			case failed = <-st.Failed():
			}
			closing, cancel := context.WithTimeout(context.WithoutCancel(c.Context()), stack.Grace)
			defer cancel()
			if err := st.Close(closing); err != nil && failed == nil {
				failed = fmt.Errorf("stop: %w", err)
			}
			return failed
		},
	}
	s.flags(c)
	c.Flags().IntVar(&ports.S3, "s3-port", 0, "port of the S3 server; 0 takes a free one")
	c.Flags().IntVar(&ports.NATS, "nats-port", 0, "port of the NATS server; 0 takes a free one")
	c.Flags().IntVar(&ports.HTTP, "http-port", 0, "port for metrics, health and refresh; 0 takes a free one")
	c.Flags().StringVar(&from, "sources", "", sourcesHelp+", on their schedules")
	c.Flags().StringVar(&hook, "drift-webhook-file", "", "file, mode 0600, with a URL to tell of new fields; otherwise $"+app.EnvPrefix+"DRIFT_WEBHOOK")
	c.Flags().StringVar(&drops, "exporter-config", "", "configuration file of the exporter (YAML), such as routes; addresses in it do not count")
	t.jsonFlag(c)
	return c
}
