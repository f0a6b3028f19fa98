package cli

import (
	"runtime"

	"github.com/spf13/cobra"

	"github.com/maskrail/maskrail/libs/app"
)

func newVersion(t *terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			t.say("maskrail %s %s %s/%s", app.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			if t.json {
				t.report(map[string]string{"version": app.Version(), "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			return nil
		},
	}
	t.jsonFlag(c)
	return c
}
