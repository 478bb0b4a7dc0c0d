"""What standards and providers set aside for documentation and tests: hosts, telephone numbers, cards, accounts.

A value found here has the form of the real thing but is documented as made up, so a match on it is only a note.
Every `*_reason` function returns the words for that note, or "" for a value that is not set aside.
"""

from __future__ import annotations

import re

# RFC 2606 section 2 and RFC 6761 section 6 (names), RFC 5737 and RFC 3849 (addresses).
_RESERVED_TLDS = frozenset({"example", "invalid", "localhost", "test"})
_DOCUMENTATION_NETWORKS = ("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:", "[2001:db8:")
_LOOPBACKS = frozenset({"localhost", "0.0.0.0", "::1", "[::1]", "host.docker.internal"})  # noqa: S104 - compared, never bound
_LOOPBACK_V4 = r"127(?:\.\d{1,3}){3}"

# Second-level names that people write when they mean "some domain"; not reserved, but never a customer's.
_INVENTED_DOMAINS = frozenset(
    {
        *("acme.com", "address.com", "bar.com", "baz.com", "company.com", "contoso.com", "corp.com", "domain.com"),
        *("domain.tld", "email.com", "fabrikam.com", "foo.bar", "foo.com", "foobar.com", "host.com", "my-company.com"),
        *("mycompany.com", "mydomain.com", "mysite.com", "provider.com", "site.com", "somewhere.com", "test.com"),
        *("test.de", "test.net", "test.org", "website.com", "xyz.com", "your-company.com", "your-domain.com"),
        *("yourcompany.com", "yourdomain.com", "yoursite.com"),
    }
)


def host_reason(host: str) -> str:
    """Why a host (no port) belongs to nobody: a reserved domain, a documentation network, this machine itself."""
    host = host.lower().rstrip(".")
    if host in _LOOPBACKS or re.fullmatch(_LOOPBACK_V4, host):
        return "loopback address"
    if host.startswith(_DOCUMENTATION_NETWORKS):
        return "documentation network"
    labels = host.split(".")
    if labels[-1] in _RESERVED_TLDS or "example" in labels[-3:]:
        return "reserved example domain"
    if ".".join(labels[-2:]) in _INVENTED_DOMAINS:
        return "common made-up domain"
    return ""


# The server in a connection string: ODBC, ADO.NET, libpq, JDBC, URLs.
_SERVER = (
    r"(?i)\b(?:server|data[ ]?source|host(?:name)?|address|addr|network[ ]address)[ ]{0,2}=[ ]{0,2}"
    r"(?:(?:tcp|np|lpc|admin):)?([^;,:\s\\]{1,200})|://(?:[^/@\s]{0,200}@)?([^/:;,?\s]{1,200})"
)
# How SQL Server's own names say "this machine".
_OWN_SERVERS = frozenset({".", "(local)", "(localdb)", "localdb"})


def server_reason(before: str, after: str) -> str:
    """Why the server of a connection string is nobody else's, given what stands before and after its password."""
    named = [match[1] or match[2] for text in (before, after) for match in re.finditer(_SERVER, text)]
    if any(name.lower() in _OWN_SERVERS for name in named):
        return "loopback address"
    reasons = [host_reason(name.strip("[]")) for name in named]
    return reasons[0] if reasons and all(reasons) else ""


# Digits with the country code, as prefixes. North America: NANPA keeps 555-01XX for fiction, and assigns no 555
# line to subscribers. Great Britain: Ofcom, "Telephone numbers for use in TV and radio drama programmes".
# Australia: ACMA, "Phone numbers for use in TV shows, films and creative works". France: ARCEP decision 2018-0881.
# Germany: Bundesnetzagentur, "Rufnummern für Medienproduktionen".
_FICTIONAL_PHONES = (
    r"1?\d{3}555\d{4}|555\d{4}"
    r"|(?:44|0)(?:1632960|7700900|2079460|1(?:1[3-8]|[2-6]1)4960|1914980|2896496|2920180|3069990|8081570|9098790)\d{3}"
    r"|(?:61|0)(?:[2378](?:5550|7010)\d{4}|49157\d{4})"
    r"|(?:33|0)(?:19900|26191|35301|46571|53649|63998)\d{4}"
    r"|(?:49|0)(?:3023125|6990009|4066969|2214710|8999998)\d{2,4}"
)


def phone_reason(digits: str) -> str:
    """Why a telephone number, given as digits without `+` and separators, reaches nobody."""
    if re.fullmatch(_FICTIONAL_PHONES, digits):
        return "telephone number reserved for fiction"
    if len(set(digits)) <= 2 or any(run in digits for run in ("1234567", "2345678", "9876543", "0000000")):
        return "made-up telephone number"
    return ""


def _table(words: str) -> frozenset[str]:
    return frozenset(words.split())


# The test cards of Stripe (docs.stripe.com/testing), Adyen (docs.adyen.com, "Test card numbers"), PayPal and Braintree
# (developer.paypal.com/braintree, "Testing"), Square, Authorize.net, Worldpay and Checkout.com.
_TEST_CARDS = _table(
    """
    4242424242424242 4000056655665556 5200828282828210 5105105105105100 2223003122003222 378282246310005
    371449635398431 378734493671000 6011000990139424 6011981111111113 3056930009020004 30569309025904
    36227206271667 38520000023237 6555900000604105 3566002020360505 3530111333300000 4012888888881881
    4009348888881881 4005519200000004 4012000033330026 4012000077777777 4217651111111119 4500600000000061
    4000111111111115 4000111111111511 5019717010103742 6062826786276634 6362970000457013 4032035421088592
    4032039317984658 4988438843884305 4166676667666746 4646464646464644 4293189100000008 4111111145551142
    4444333322221111 4977949494949497 2222400010000008 5100290029002909 5577000055770004 5136333333333335
    5585558555855583 5555444433331111 2222410740360010 5500000000000004 2223000148400010 5103221911199245
    5424000000000015 2223520443560010 5454545454545454 2223000048410010 2223000048400011 2223577120017656
    345177925488348 374251018720018 6011601160116611 6445644564456445 36006666333344 3569990010095841
    6250946000000016 6250947000000014 6243030000000001 6731012345678906 6771798021000008 6771798025000004
    4532759734545858 5409889944179029 371263462726550 2223000010309703 2223000010309711 4462030000000000
    4917610000000000 6759649826438453 36148900647913 4543474002249996 5436031030606378 4658584090000001
    4539467987109256 4484070000035519 5305484748800098 345678901234564 5413330089099999 4035501000000008
    4151500000000008 5403879999999997 4895142232120006 4973019750239993 2720992593319364
    """
)
_LONG_RUN = r"(\d)\1{4}"


def card_reason(digits: str) -> str:
    """Why a card number is nobody's: documented as a test card, or plainly patterned like one."""
    if digits in _TEST_CARDS:
        return "documented test card"
    if re.search(_LONG_RUN, digits) or len(set(digits)) <= 3 or "123456789" in digits:
        return "patterned like a test card"
    return ""


# The example of each country in the IBAN Registry (SWIFT, ISO 13616-2), without the country code. The length of the
# example is the length of every IBAN of that country.
IBAN_EXAMPLES = {
    "AD": "1200012030200359100100",
    "AE": "070331234567890123456",
    "AL": "47212110090000000235698741",
    "AT": "611904300234573201",
    "AZ": "21NABZ00000000137010001944",
    "BA": "391290079401028494",
    "BE": "68539007547034",
    "BG": "80BNBG96611020345678",
    "BH": "67BMAG00001299123456",
    "BI": "4210000100010000332045181",
    "BR": "1800360305000010009795493C1",
    "BY": "13NBRB3600900000002Z00AB00",
    "CH": "9300762011623852957",
    "CR": "05015202001026284066",
    "CY": "17002001280000001200527600",
    "CZ": "6508000000192000145399",
    "DE": "89370400440532013000",
    "DJ": "2100010000000154000100186",
    "DK": "5000400440116243",
    "DO": "28BAGR00000001212453611324",
    "EE": "382200221020145685",
    "EG": "380019000500000000263180002",
    "ES": "9121000418450200051332",
    "FI": "2112345600000785",
    "FK": "88SC123456789012",
    "FO": "6264600001631634",
    "FR": "1420041010050500013M02606",
    "GB": "29NWBK60161331926819",
    "GE": "29NB0000000101904917",
    "GI": "75NWBK000000007099453",
    "GL": "8964710001000206",
    "GR": "1601101250000000012300695",
    "GT": "82TRAJ01020000001210029690",
    "HN": "88CABF00000000000250005469",
    "HR": "1210010051863000160",
    "HU": "42117730161111101800000000",
    "IE": "29AIBK93115212345678",
    "IL": "620108000000099999999",
    "IQ": "98NBIQ850123456789012",
    "IS": "140159260076545510730339",
    "IT": "60X0542811101000000123456",
    "JO": "94CBJO0010000000000131000302",
    "KW": "81CBKU0000000000001234560101",
    "KZ": "86125KZT5004100100",
    "LB": "62099900000001001901229114",
    "LC": "55HEMM000100010012001200023015",
    "LI": "21088100002324013AA",
    "LT": "121000011101001000",
    "LU": "280019400644750000",
    "LV": "80BANK0000435195001",
    "LY": "83002048000020100120361",
    "MC": "5811222000010123456789030",
    "MD": "24AG000225100013104168",
    "ME": "25505000012345678951",
    "MK": "07250120000058984",
    "MN": "121234123456789123",
    "MR": "1300020001010000123456753",
    "MT": "84MALT011000012345MTLCAST001S",
    "MU": "17BOMM0101101030300200000MUR",
    "NI": "45BAPR00000013000003558124",
    "NL": "91ABNA0417164300",
    "NO": "9386011117947",
    "OM": "810180000001299123456",
    "PK": "36SCBL0000001123456702",
    "PL": "61109010140000071219812874",
    "PS": "92PALS000000000400123456702",
    "PT": "50000201231234567890154",
    "QA": "58DOHB00001234567890ABCDEFG",
    "RO": "49AAAA1B31007593840000",
    "RS": "35260005601001611379",
    "RU": "0304452522540817810538091310419",
    "SA": "0380000000608010167519",
    "SC": "18SSCB11010000000000001497USD",
    "SD": "2129010501234001",
    "SE": "4550000000058398257466",
    "SI": "56263300012039086",
    "SK": "3112000000198742637541",
    "SM": "86U0322509800000000270100",
    "SO": "211000001001000100141",
    "ST": "23000100010051845310146",
    "SV": "62CENR00000000000000700025",
    "TL": "380080012345678910157",
    "TN": "5910006035183598478831",
    "TR": "330006100519786457841326",
    "UA": "213223130000026007233566001",
    "VA": "59001123000012345678",
    "VG": "96VPVG0000012345678901",
    "XK": "051212012345678906",
    "YE": "15CBYE0001018861234567891234",
}
# More from Wikipedia's article, the banks' own guides and the documentation of libraries that check IBANs.
_OTHER_IBAN_EXAMPLES = {
    "DE": ("75512108001245126199", "02120300000000202051", "02100100109307118603", "42430609677000534100"),
    "GB": ("82WEST12345698765432", "33BUKB20201555555555", "94BARC10201530093459"),
    "NL": ("02ABNA0123456789", "39RABO0300065264"),
    "FR": ("7630006000011234567890189", "7630001007941234567890185"),
    "CH": ("5604835012345678009",),
    "ES": ("7921000813610123456789",),
}


def iban_reason(country: str, rest: str) -> str:
    """Why an IBAN (its country code, and the rest without spaces) is nobody's account."""
    if rest == IBAN_EXAMPLES.get(country) or rest in _OTHER_IBAN_EXAMPLES.get(country, ()):
        return "documented sample IBAN"
    if len(set(rest[2:])) <= 3 or any(run in rest[2:] for run in ("12345678", "0123456", "00000000000")):
        return "patterned like a sample IBAN"
    return ""


# The values in the examples of RFC 5849 (OAuth 1.0, sections 1.2 and 3.1 to 3.5), RFC 6749, 6750, 7009, 7636 and 7662
# (OAuth 2.0) and OpenID Connect Core 1.0, each cut in two.
_PROTOCOL_EXAMPLES = """
    dpf43f3p|2l4k3l03 hh5s93j4|hdidpola hdhd0244|k9j7ao03 hfdp7dh3|9dks9884 nnch734d|00sl2jdk pfkkdhi9|sl3r4s00
    kkk9d7dh|3k39sjv7 9djdj82h|48djs9d2 j49sn3j2|9djd dh893hdasih|9 0685bd91|84jfhq22 ad180jjd|733klru7
    kd94hf93|k423kf44 2YotnFZFEj|r1zCsicMWpAA tGzv3JOkF0|XG5Qx2TlKWIA SplxlOBe|ZQQYbYS6WxSbIA
    czZCaGRSa3F0|MzpnWDFmQmF0M2JW gX1fBa|t3bV 7Fjfp0ZB|r1KtDRbnfVdmIw 8xLOxBtZ|p8 mF_9.B5f-|4.1JqM h480djs|93hd8
    45ghiukl|dja5qwe4 45ghiukl|djahdnhzdauz SlAV32|hkKG dBjftJeZ4CVP-mB92K27uhb|UJU1p1r_wW1gFWFOEjXk
    E9Melhoa2OwvFrEMTJguCHaoeK1t8U|RWbuGJSstw-cM n-0S6_Wz|A2Mj
"""


def protocol_reason(value: bytes) -> str:
    """Why a token is one that everybody has read; "" if it is none of a protocol's examples."""
    examples = _PROTOCOL_EXAMPLES.replace("|", "").encode().split()
    return "example of a protocol's specification" if value in examples else ""
