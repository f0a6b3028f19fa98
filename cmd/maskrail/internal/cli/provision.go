package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/cmd/maskrail/internal/stack"
	"github.com/maskrail/maskrail/libs/app"
	"github.com/maskrail/maskrail/libs/bus"
)

func newProvision(t *terminal) *cobra.Command {
	var (
		remote       stack.Remote
		environments []string
	)
	c := &cobra.Command{
		Use:   "provision --nats URL [--s3 URL] --env NAME",
		Short: "Make the streams, durables and buckets that the workers need on running servers",
		Long: `Makes the streams on NATS and the three buckets on S3, or brings streams that are there in line, and proves that
the object store decides between two writers of one key. With --env it makes the durables of that environment's
workers too: they begin at new messages, so do this before its first worker and the exporter start. The keys
of the object store come from where AWS tools find them.`,
		Example: `  maskrail provision --nats nats://nats:4222 --s3 http://s3:7070 --env sandbox-01 --env sandbox-02`,
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
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
	t.jsonFlag(c)
	return c
}
