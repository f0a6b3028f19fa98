package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/bus"
	"github.com/maskrail/maskrail/services/exporter"
)

func newProvision(t *terminal) *cobra.Command {
	var (
		remote       stack.Remote
		environments []string
		sources      string
	)
	c := &cobra.Command{
		Use:   "provision --nats URL [--s3 URL] --env NAME [--sources FILE]",
		Short: "Make the streams, durables and buckets that the workers need on running servers",
		Long: `Makes the streams on NATS and the three buckets on S3, or brings streams that are there in line, and proves that
the object store decides between two writers of one key. With --env it makes the durables of that environment's
workers too: they begin at new messages, so do this before its first worker and the exporter start. The keys
of the object store come from where AWS tools find them. With --sources it gives the interactions of sources of type
data-export the field tenant_id, by which rows are told apart. All of it may be done again at any time.`,
		Example: `  maskrail provision --nats nats://nats:4222 --s3 http://s3:7070 --env sandbox-01 --env sandbox-02
  maskrail provision --sources sources.yaml`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if sources != "" {
				if err := t.provisionTags(c.Context(), sources); err != nil || remote.NATS == "" {
					return err
				}
			}
			if remote.NATS == "" {
				return app.Usage(fmt.Errorf("--nats is missing: name the NATS server"))
			}
			common, err := remote.Common()
			if err != nil {
				return err
			}
			for _, env := range environments {
				if !environmentName.MatchString(env) {
					return app.Usage(fmt.Errorf("--env %q: %s", env, environmentRule))
				}
			}
			if err := stack.Provision(c.Context(), common, environments...); err != nil {
				return err
			}
			b := common.Buckets
			t.say("%d streams and the buckets %s, %s and %s are there", len(bus.Streams(bus.Horizon)), b.Raw, b.Masked, b.Quarantine)
			if t.json {
				t.report(map[string]any{"streams": len(bus.Streams(bus.Horizon)), "buckets": []string{b.Raw, b.Masked, b.Quarantine}})
			}
			return nil
		},
	}
	remote.Flags(c.Flags())
	c.Flags().StringSliceVar(&environments, "env", nil, "environment whose durables to make; may stand several times")
	c.Flags().StringVar(&sources, "sources", "", sourcesHelp+", whose interactions get the field tenant_id")
	t.jsonFlag(c)
	return c
}

// provisionTags gives the interactions of the file's sources the field that tells tenants apart.
func (t *terminal) provisionTags(ctx context.Context, file string) error {
	sources, err := readSources(file)
	if err != nil {
		return err
	}
	tags, err := exporter.ProvisionTags(ctx, sources)
	for _, tag := range tags {
		if tag.Created {
			t.say("source %s: the field tenant_id is made", tag.Source)
		} else {
			t.say("source %s: the field tenant_id is there", tag.Source)
		}
	}
	if len(tags) == 0 && err == nil {
		t.say("%s: none of the sources has fields to make", shown(file))
	}
	if t.json {
		t.report(map[string]any{"tags": tags})
	}
	return err
}
