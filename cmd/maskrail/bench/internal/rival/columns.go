package rival

// Columns are those of an interaction, and Masked those of them that change.
var (
	Columns = []string{
		"interactionId", "tenant_id", "direction", "channel", "language", "startTime", "endTime", "durationMs", "queueId", "agentId",
		"phoneNumber", "emailAddress", "externalId", "firstName", "lastName", "cardNumber", "ssn", "dateOfBirth", "wrapUpCode", "notes",
	}
	Masked = []string{
		"phoneNumber", "emailAddress", "externalId", "firstName", "lastName", "cardNumber", "ssn", "dateOfBirth", "notes",
	}
)
