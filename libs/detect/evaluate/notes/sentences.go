package notes

// kind is a way of writing.
type kind struct {
	between string   // between two sentences
	around  []string // what stands beside a sentence
	with    []string // sentences with something to be found
	without []string // and those with nothing, which look as if
}

// kinds are taken in turns.
var kinds = []kind{agent, chat, speech}

// agent is what agents type while they listen.
var agent = kind{
	between: " ",
	around: []string{"Advised of 5-7 business days.", "No further action.", "Supervisor approved.", "cust happy w/ outcome", "Escalated to T2.",
		"Will follow up Thursday.", "Resolved on first contact.", "Sent KB article 4471.", "Disposition: billing dispute."},
	with: []string{
		"Cust {name} called re duplicate charge, cb# {phone}, wants refund to card {card}.",
		"spoke w/ {name}, verified dob {dob} and last 4, updated email to {email}",
		"Caller ID'd as {name}. New mailing address: {address}. Old one removed.",
		"Pt {name}, MRN {mrn}, asking for lab results to be faxed.",
		"Member ID {member} not found in eligibility, cust read it from the insurance card twice",
		"DL# {licence} on file doesn't match, asked for a copy of the license",
		"Passport no. {passport} expired, told cust to renew before booking",
		"Wire to IBAN {iban} bounced, bank says account closed",
		"cust gave full card number {card} and security code {cvv} on recorded line - flagged for redaction",
		"SSN {ssn} provided verbally, pulled credit file",
		"Login alerts from {ip}, cust does not recognise. Reset MFA.",
		"Router replaced, new MAC {mac} registered on account",
		"cust sent screenshot of {url}, told them to change the password at once",
		"LVM at {phone} for {name}, no answer at alt {phone}",
		"Mr {surname} insists on supervisor, call him back at {phone}",
		"Mrs. {surname} (mother of acct holder {name}) authorised on account, email {email}",
		"Tried {phone.intl} twice, voicemail full.",
		"Account holder deceased, next of kin {name} reachable at {phone.intl}",
		"Refund check goes to {name}, {address}",
		"patient date of birth: {dob}, med rec # {mrn}, next appt in May",
		"ITIN {ssn.itin} used in place of SSN for the application",
		"emailed invoice to {email}; cc {email}",
		"Shipping moved from the PO box to {address.uk}",
		"Techniker needs access: {address.eu}, contact {name}",
	},
	without: []string{
		"Order {order} delayed, ETA {date}, carrier says hub backlog.",
		"Ticket {ticket} merged w/ {ticket}, dup report. AHT 00:{clock}.",
		"Upgraded firmware to {version}, rebooted, sync OK at {mbps} Mbps.",
		"Trace {uuid} shows 504 at {epoch}, sent to eng.",
		"Queue {queue} overflow at {clock}, 42 in queue, SL 61%.",
		"cust disputes {amount} on statement dated {date}, ref {reference}",
		"Contract {reference} ends {date}; early fee {amount} waived",
		"Talk time {millis} ms, hold {millis} ms, wrap code 17",
		"Part no. {part} back-ordered until week 34 2026",
		"Meter reading {meter} entered for period {date} to {date}",
		"Called the hotline 3 times, 20 min each, 2 transfers. No resolution.",
		"Paris store out of stock, Phoenix has 14 units, Austin 3.",
		"Tracking {tracking} scanned in Memphis, out for delivery",
	},
}

// chat is what customers and agents type to each other.
var chat = kind{
	between: " ",
	around: []string{"Thanks so much!", "Is there anything else I can help with today?", "ok hold on", "Sorry for the wait.", "hello??",
		"Sure, one moment please.", "that worked, thank you", "I have been waiting for 40 minutes.", "no worries :)"},
	with: []string{
		"Hi, my name is {name} and I can't log in. My email is {email}",
		"sure its {phone}, call after 5pm pls",
		"my card is {card} exp 08/29 cvv {cvv}",
		"Could you confirm your date of birth? - {dob}",
		"you can send it to {address}, thanks",
		"I am {name}, account under my wife {name}",
		"here you go: {iban}",
		"ssn is {ssn} but i really dont like typing this here",
		"it says my IP {ip} is blocked???",
		"This is Dr. {surname} from the clinic, patient's record number is {mrn}",
		"whatsapp me on {phone.intl}",
		"the link you gave me {url} does not open",
		"my member number is {member}, group 0042",
		"driver's license {licence}, issued in 2019",
		"passport number: {passport}",
		"{email} or my work one {email}, either is fine",
		"Regards, {name}",
		"Thanks {first}, I have added {phone} as a contact number.",
		"the three digits on the back are {cvv}",
		"I was born on {dob.words}, does that help?",
		"my mac address is {mac} if you need to whitelist it",
		"I moved to {address.uk} last month",
		"Please ship to {name}, {address.eu}",
		"the number on the card is {card.spaced} and it was declined again",
	},
	without: []string{
		"my order number is {order}, placed on {date}",
		"the app shows version {version} and error 0x80070057",
		"I paid {amount} twice, see invoice {reference}",
		"it started around {clock} on {date} and went on for 3 hours",
		"tracking says {tracking}, where is it?",
		"case {ticket} was closed without an answer",
		"serial no {part}, bought in 2023",
		"there are 1000000 reasons to leave but your service is nice",
		"My son plays for the under 12s, kick off is 10:30, can you come earlier?",
		"Can I talk to a human please? May I? Will someone answer?",
		"session id {uuid}",
		"the confirmation code is {reference}, valid until {date}",
		"I'd like 2 of the 65 inch and 1 of the 43 inch, budget {amount}",
	},
}

// speech is what speech recognition makes of a call: small letters, few signs, numbers as words or digits.
var speech = kind{
	between: " ",
	around: []string{"okay perfect", "um yeah so", "thank you for holding", "can you hear me okay", "right right", "uh huh",
		"give me just a second", "no that's fine", "alright so"},
	with: []string{
		"yeah my number is {phone.spoken}",
		"you can reach me at {phone.spaced} anytime",
		"my name is {name.lower} and i'm calling about my bill",
		"the email is {email.spoken}",
		"it's a visa {card.spoken}",
		"and the security code is {cvv.spoken}",
		"my social is {ssn.spoken}",
		"this is {name.lower} calling from {address.lower}",
		"date of birth is {dob.spoken}",
		"am i speaking with {name.lower}",
		"the last name is {surname.lower} and the first name is {first.lower}",
		"card number {card.spaced} expiring in march",
		"mister {surname.lower} please hold while i transfer you",
		"the callback number is {phone.spaced} extension twelve",
		"my member id is {member.lower}",
		"i was born {dob.words.lower}",
		"so that's {email.spoken} correct",
		"you're talking to {first.lower} in the billing department",
	},
	without: []string{
		"i've been a customer for twenty two years and i pay forty nine ninety nine a month",
		"the order number is {order.spoken}",
		"it's been like three or four hours since the power went out",
		"so the first one is nine ninety nine and the second one is four fifty",
		"my internet is down again it's the fifth time this month",
		"she said between eight and twelve but nobody came",
		"i called on the twenty third of march and again on the second of april",
		"press one for sales press two for support press zero for an operator",
		"it is error code four oh four page not found",
		"i want to cancel the three sixty five plan and keep the one at twenty five",
		"we have two kids one is five the other is ten",
		"hi i'm calling about a package that should have been here at one",
	},
}
