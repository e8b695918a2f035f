"""Invented personal details in sentences, and sentences that only look as if they held any.

Telephone numbers are from the ranges kept for drama where such a range exists; NHS numbers
are from the test range (999) or made up with a valid check digit.
"""

from __future__ import annotations

_SENTENCES = {
    "email": ["Write to {} if you like.", "My address is {}.", "({}) is where I am", "Contact: {}, any time", "I wrote to {} twice and heard nothing"],
    "phone": ["Ring me on {}.", "My number's {}, after six", "The office ({}) never answers", "Tel: {}", "call {} or come in"],
    "postcode": ["We live at {}.", "The hall is {}, side door", "Nobody delivers to {} any more", "in {} there is no signal", "({})"],
    "national_insurance": ["My NI number is {}.", "They asked for {} again", "the letter had {} on it, in full", "({})", "It said {}, which is not me"],
    "nhs_number": ["My NHS number is {}.", "NHS no {} on the wristband", "the record of {} was lost", "NHS number: {}, please", "({})"],
    "handle": ["{} said it better.", "as {} keeps saying", "Thanks {}!", "cc {}, who asked", "({})"],
}
_DETAILS = {
    "email": ["ada@quietpost.example", "p.lockhart-wren@bluekettle.example", "T.ODUYA@BOROUGH.EXAMPLE", "first.last+tag@sub.domain.co.uk",
              "o'brien@harbour.example", "ada_1990@mail.example.org", "ms.fenwick@sixthform.example", "j@x.example", "info@müller.example",
              "ada [at] quietpost [dot] example", "ada(at)quietpost.example", "bea at quietpost dot co dot uk", "mailto:ada@quietpost.example",
              "x_y-z@a-b.example", "ada%list@quietpost.example",
              "name at example dot org", "jo.bloggs at council dot gov dot uk", "name {at} example {dot} org", "jo\uff20example.org", "name AT example DOT org",
              "name <at> example <dot> org", "jo_at_example.org"],
    "phone": ["01632 960118", "01632960733", "07700 900214", "07700900214", "+44 7700 900655", "+447700900655", "0044 7700 900655",
              "+44 (0)20 7946 0871", "(020) 7946 0052", "020 7946 0871", "02079460871", "029 2018 0611", "0113 496 0139", "0113-496-0139",
              "0161.496.0174", "0808 157 0163", "0300 123 1234", "07700 900 214", "07 700 900 214", "0770 090 0214", "(01632) 960118",
              "+353 1 555 0123", "+1 (555) 010-9999", "01632\u00a0960\u00a0118", "016977 2345", "0800 123456",
              "+44 (0)1632 960 118", "+44(0)1632960118", "(+44) 7700 900118", "+44.7700.900118", "01632/960118", "0044 (0)20 7946 0018", "0207 946 0018",
              "0 7700 900118"],
    "postcode": ["EX99 2ZW", "SA62 9ZX", "bs99 7zz", "CF999ZA", "LL58 9ZY", "M1 1AE", "SW1A 2AA", "EC1A 1BB", "W1A 0AX", "N1 9GU", "GIR 0AA",
                 "B33 8TH", "CR2 6XH", "DN55 1PT", "ll58 9zy", "NE99\u00a08XA", "JE2 3AB", "BT99 9ZZ", "ZE1 0AA", "Ls99 9zx",
                 "M11AE", "IM1 1AA", "EH1 1YZ", "EX4-4QJ"],
    "national_insurance": ["AB 12 34 56 C", "AB123456C", "QQ 12 34 56 C", "ab123456d", "JG 10 37 59 A", "SX-12-34-56-B", "CE 123456 A", "NP123456B",
                           "WK 98 76 54 D", "AA 12 34 56 A", "AB 123 456 C", "AB.12.34.56.C", "AB 1 2 3 4 5 6 C", "ab-12-34-56-c"],
    "nhs_number": ["943 476 5919", "9434765919", "999 012 3454", "401 023 2137", "4010232137", "943-476-5919", "485 777 3457", "987 654 4322",
                   "450 557 7104", "6000000006", "943.476.5919", "943\u2013476\u20135919", "9434 765 919"],
    "handle": ["@ada", "@ada.quietpost.example", "@gwen-a.bsky.social", "@Ada_Bea99", "@ada@mastodon.example", "@10DowningSt", "@ada_", "@a1b2c3",
               "gwen-a.bsky.social", "@UPPERCASE", "@user@server.tld", "@user.bsky.social", "@user.co.uk", "@\u00fcser", "@jane-doe.dev"],
}
# A letterless 10-digit number is an NHS number only by its check digit and range or by its name.
PLANTED = [(kind, sentence.format(detail), detail) for kind, details in _DETAILS.items()
           for n, detail in enumerate(details) for sentence in (_SENTENCES[kind][n % 5], _SENTENCES[kind][(n + 2) % 5])]

NOTHING = [
    "Version 2.1.3 broke it.", "We are on SP1 2.0 now.", "release BS1 2AB of the firmware", "version E10 5NE was never rolled out", "v1.02.03-4",
    "E10 petrol costs more.", "Print it on A4 3PM today", "Print it on A4, 3pm.", "on the M1 4pm queue", "the M25 9am crawl", "B12 5th injection",
    "B12 2nd dose", "by the A40 1st exit", "the S10 8GB phone", "The E1 4th floor office", "W3C 2AM deadline", "COP26 2nd week",
    "on 07-10-2024 1230 people wrote", "on 01.02.2024 100 people came", "01/02/2024 to 03/04/2024", "2024-10-07 11:47:41", "2018-02-13 12:58:16",
    "from 2010-2015 and 2016-2020", "It cost £01632 960118", "£0113 496 013.50", "£1,234,567,890 was spent", "it costs 0.01632960118 each",
    "1,632,960,118 people", "the budget of 1632960118 pounds", "1518501496", "1518501496471", "a 20-minute call and 30-minute wait",
    "Order number 01632960118 never came", "invoice 07700900214 was paid twice", "ISBN 0198526636", "ISBN 978-0-19-852663-6", "sort code 20-00-00",
    "account 01234567", "reference: 0161 496 0174", "case no. 01134960139", "ring 999", "dial 111 or 101", "0800 hours on 14 July", "call 119 before 5",
    "0845 of 1200 forms", "phones 020 and 021", "page 01632", "GB 12 34 56 C", "ZZ 12 34 56 A", "the form SA100 and P45", "form CE123456 is online",
    "AB 12 34 56", "AB123456", "clause AB 12 34", "NI protocol 2020", "In 12 34 56 78 cases", "BG123456C is a plate",
    "943 476 5918 is out by one", "123 456 7890", "1234567890", "it went from 100 200 3000", "4010232138 rows", "5551234567", "NHS 111 took 45 minutes",
    "NHS England spent 2 million", "the NHS app, version 4.23.1", "111 111 1111",
    "meet @ 5pm", "see you @ the hall", "=SUM(1+1) or @SUM(1+1)", "@5pm sharp", "2 @ £5", "npm install @angular/core", "@media (max-width: 3em)",
    "@10am on Monday", "an @nhs.net address", "anyone with an @example.gov.uk email", "@ home", "c @ 4.5%", "3@£2", "@import url(x)", "hello @everyone",
    "look at this dot matrix printer", "we sat at home. Dot the i.", "at example no dot", "he looked at me (at last)", "meet at noon",
    "a score of 10-10-10", "7700900214 without the nought", "44 7700 is a year", "1999 2000 2001 2002", "10 000 000 000", "+100,000", "+5%", "+44",
    "192.168.100.200", "10.0.0.1", "2001:0db8:85a3:0000:0000:8a2e:0370:7334", "sha ec1a1bb", "colour #b34ae0", "commit b349ae1f", "UUID 0113-4960",
    "coordinates 51.501009, -0.141588", "TQ 123 456", "grid reference SU 12345 67890", "flight BA123 4AB", "bus E10 2ND stop",
    "https://example.org/SW1A2AA/page", "https://example.org/01632960118", "doi:10.1000/01632960118", "the W1 bus", "SW1", "EC1 and N1", "in LS9",
    "HS2 will cost 2BN", "GP24 7DAYS", "Windows 11 24H2", "B2B 3RD party", "G7 2ND day", "CO2 5TH", "MP3 4GB", "R2 9AM", "the 50p", "Q1 2AND", "Covid19 3RD wave",
    "Section 21A", "Schedule 3ZA", "P60", "Universal Credit UC50", "PIP2 form", "DS1500", "V5C", "a 4x4", "10x 3RD", "iOS 17.4.1", "Python 3.11",
    "1st 2nd 3rd 4th 5th", "20 30 40 50 60 70 80 90", "0 1 2 3 4 5 6 7 8 9", "00000000000", "01", "0.5 1.5 2.5", "1 in 4 people", "24/7 365", "50/50",
    "order number 943 476 5919", "order no. 9434765919", "tracking number 401 023 2137", "invoice 4010232137", "Order 943-476-5919 never came",
    "parcel 943 476 5919", "case 999 012 3454", "ticket #401 023 2137", "ISBN 0 7167 0344 0", "look at gov dot uk", "look at example dot org",
    "We met at town dot com", "at the dot com boom", "release E1 4AB of the app", "build SW1A 2AA", "order B12 3AB", "v10.1.2", "EC2 3GB instances", "B4 5GS core",
    "VAT GB 123 4567 89", "company number 01234567", "https://github.com/alphagov/govuk-design-system", "https://x.com/", "https://www.linkedin.com/company/gds",
    "https://twitter.com/search", "npm i @types/node", "NI 12 34 56", "our ref: 01632/960118", "01/02/2024", "2/3/1999 and 4/5/2000", "S.12.34.56.C",
]
