package cli

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar makes a progress bar on standard error when that is a terminal which can clear a line, and otherwise one that shows nothing. counted
// says whether the numbers mean something to people.
func (t *terminal) bar(total int64, what string, counted bool) *progressbar.ProgressBar {
	f, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) || os.Getenv("TERM") == "dumb" {
		return progressbar.DefaultSilent(total, what)
	}
	options := []progressbar.Option{
		progressbar.OptionSetWriter(f),
		progressbar.OptionSetDescription(what),
		progressbar.OptionFullWidth(),
		progressbar.OptionUseANSICodes(true), // clears a line without blanks that stay behind
		progressbar.OptionSetPredictTime(counted),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionClearOnFinish(),
	}
	if counted {
		options = append(options, progressbar.OptionShowCount())
	}
	return progressbar.NewOptions64(total, options...)
}
