"""Masks JSON Lines of interactions, record by record, with what a script of this kind has at hand."""
import hashlib
import json
import re
import sys

SALT = b"a salt that nobody else knows"
EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")
CARD = re.compile(r"\b(?:\d{4}[ -]?){3}\d{4}\b|\b3[47]\d{13}\b")
SSN = re.compile(r"\b\d{3}-\d{2}-\d{4}\b")
PHONE = re.compile(r"(?:\+1[ .-]?\(?|\(|\b)\d{3}\)?[ .-]?\d{3}[ .-]?\d{4}\b")
NOT_A_DIGIT = re.compile(r"\D")


def token(value, prefix=""):
    return prefix + hashlib.sha256(SALT + value.encode()).hexdigest()[:33]


def phone(value):
    return token(NOT_A_DIGIT.sub("", value)[-10:])


def email(value):
    return token(value.lower())


def name(value):
    return token(value, "User_")


def card(value):
    digits = NOT_A_DIGIT.sub("", value)
    return digits[-4:].rjust(len(digits), "*")


def ssn(_):
    return "[MASKED]"


def year(value):
    return value[:4] + "-01-01"


def notes(value):
    value = EMAIL.sub("[EMAIL]", value)
    value = CARD.sub("[CARD]", value)
    value = SSN.sub("[SSN]", value)
    return PHONE.sub("[PHONE]", value)


FIELDS = {
    "phoneNumber": phone,
    "emailAddress": email,
    "externalId": token,
    "firstName": name,
    "lastName": name,
    "cardNumber": card,
    "ssn": ssn,
    "dateOfBirth": year,
    "notes": notes,
}


def main(source, target):
    with open(source) as lines, open(target, "w") as out:
        for line in lines:
            record = json.loads(line)
            for field, mask in FIELDS.items():
                value = record.get(field)
                if value is not None:
                    record[field] = mask(value)
            out.write(json.dumps(record))
            out.write("\n")


main(sys.argv[1], sys.argv[2])
