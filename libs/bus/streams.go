package bus

import "time"

// Stream names of the contract between the workers.
const (
	S3Events  = "S3EVENTS"
	Raw       = "RAW"
	Masked    = "MASKED"
	Validated = "VALIDATED"
	Loaded    = "LOADED"
	Rejected  = "REJECTED"
	Dead      = "DEAD"
	Replay    = "REPLAY"
	Drift     = "DRIFT"
)

// Stream is a stream to provision: limits retention, file storage, deletion denied.
type Stream struct {
	Name     string
	Subjects []string
	MaxAge   time.Duration // the replay horizon
	// Duplicates is the window in which a message ID is stored once.
	Duplicates time.Duration
}

// Horizon is how far back a replay can reach by default.
const Horizon = 30 * 24 * time.Hour

// duplicateWindow is the first and weakest of the three layers of idempotence: long enough for a retry after a
// lost acknowledgement and for a restarted worker, short enough that the server keeps the ids in memory.
const duplicateWindow = 10 * time.Minute

// Streams returns every stream of the contract. Dead also keeps the server's notices of messages that reached
// the delivery limit of a durable.
func Streams(maxAge time.Duration) []Stream {
	s := func(name string, subjects ...string) Stream {
		return Stream{Name: name, Subjects: subjects, MaxAge: maxAge, Duplicates: duplicateWindow}
	}
	return []Stream{
		s(S3Events, "maskrail.s3.>"),
		s(Raw, "maskrail.raw.>"),
		s(Masked, "maskrail.masked.>"),
		s(Validated, "maskrail.validated.>"),
		s(Loaded, "maskrail.loaded.>"),
		s(Rejected, "maskrail.rejected.>"),
		s(Dead, "maskrail.dead.>", "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.>"),
		s(Replay, "maskrail.replay.>"),
		s(Drift, "maskrail.drift.>"),
	}
}
