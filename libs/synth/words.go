package synth

var (
	directions  = []string{"INBOUND", "INBOUND", "INBOUND", "OUTBOUND"}
	channels    = []string{"VOICE", "VOICE", "VOICE", "CHAT", "EMAIL", "CALLBACK"}
	languages   = []string{"en-US", "en-US", "es-US", "fr-CA"}
	wrapUps     = []string{"RESOLVED", "FOLLOW_UP", "TRANSFERRED", "NO_ANSWER", "COMPLAINT", "SALE", "CANCELLATION"}
	mailDomains = []string{"example.com", "example.net", "example.org", "mail.example.com"}

	firstNames = []string{
		"Adaeze", "Alice", "Amir", "Ana", "Anthony", "Aoife", "Arjun", "Astrid", "Beatriz", "Benjamin", "Bianca",
		"Bjorn", "Camille", "Carlos", "Chioma", "Clara", "Daniel", "Deepa", "Diego", "Dmitri", "Elena", "Emeka",
		"Erik", "Fatima", "Felix", "Fiona", "Gabriel", "Giulia", "Hana", "Hassan", "Helga", "Ibrahim", "Ines", "Isaac",
		"Jane", "Jasper", "Joao", "Kavya", "Keiko", "Kwame", "Lars", "Layla", "Leo", "Lucia", "Mads", "Maria",
		"Mateo", "Mei", "Miguel", "Nadia", "Ngozi", "Noah", "Olga", "Omar", "Oscar", "Paloma", "Pavel", "Priya",
		"Quentin", "Rafael", "Renata", "Rosa", "Samir", "Sofia", "Stefan", "Tariq", "Tomas", "Uma", "Viktor",
		"Wei", "Yara", "Yusuf", "Zainab", "Zoe",
	}
	lastNames = []string{
		"Abara", "Adeyemi", "Almeida", "Andersson", "Baptiste", "Becker", "Bianchi", "Castillo", "Chatterjee", "Chen",
		"Costa", "Dahl", "Delgado", "Diallo", "Dubois", "Eriksen", "Farouk", "Fernandes", "Fischer", "Fontaine",
		"Garcia", "Gupta", "Haddad", "Hansen", "Herrera", "Hoffmann", "Ibanez", "Ishikawa", "Ivanova", "Jankowski",
		"Kapoor", "Keller", "Kimura", "Kowalski", "Larsen", "Lindqvist", "Lopez", "Mahmoud", "Mbeki", "Mendoza",
		"Moreau", "Nakamura", "Navarro", "Nguyen", "Novak", "Nwosu", "Okafor", "Oliveira", "Ortega", "Papadakis",
		"Petrov", "Popescu", "Qureshi", "Ramirez", "Rasmussen", "Rossi", "Santos", "Schneider", "Sharma", "Silva",
		"Sokolov", "Svensson", "Takahashi", "Tanaka", "Torres", "Vargas", "Vasquez", "Virtanen", "Weber", "Yamamoto",
		"Yilmaz", "Zhang", "Zimmermann",
	}

	openings = []string{
		"Customer asked about the invoice of last month", "Caller reports that the router drops the connection",
		"Wants to change the delivery address", "Requested a copy of the contract", "Asks for the status of a claim",
		"Complains about the waiting time in the queue", "Needs help with the self-service portal",
		"Wants to cancel the premium option", "Payment was declined twice", "Asked to move the appointment to next week",
		"Reported a damaged parcel", "Could not log in after the password reset",
	}
	closings = []string{
		"Issue resolved on the call.", "Follow-up agreed for tomorrow morning.", "Escalated to the second line.",
		"Transferred to billing.", "Sent the usual instructions.", "No further action needed.",
		"Customer was satisfied with the answer.", "Will check again after the next release.",
	}
)

// queues are names of queues, and of the flows that lead to them.
var queues = []struct{ name, flow string }{
	{"Claims-EN", "Claims Main IVR"}, {"Claims-ES", "Claims Main IVR"}, {"Billing", "Billing and payments"},
	{"Sales Tier 1", "Sales greeting"}, {"Support Tier 2", "Technical support"}, {"Retention", "Billing and payments"},
	{"After hours", "Closed message"}, {"VIP", "Claims Main IVR"},
}

// localities are what telephony shows for a number without a name.
var localities = []string{
	"San Francisco, California", "Austin, Texas", "Montréal, Quebec", "San José, California", "Toll Free", "Chicago, Illinois",
	"London, United Kingdom", "Unknown", "Brooklyn, New York", "Winston-Salem, North Carolina",
}

// agentName is the n-th agent's.
func agentName(n int) string {
	return firstNames[n%len(firstNames)] + " " + lastNames[(n*7+3)%len(lastNames)]
}
