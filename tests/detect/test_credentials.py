"""Credentials by the names that speak of them: which rule, which value, and how severe by the evidence."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.cache import Cache
from cavra_boundary.detect.credentials import is_password
from cavra_boundary.detect.gates import places, values
from cavra_boundary.detect.prefilter import Prefilter
from cavra_boundary.detect.randomness import STRONG_NAME, WEAK_NAME, randomness
from cavra_boundary.model import Blob, Severity
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.files import shipped_folder
from cavra_boundary.rules.read import parse_pack, read_pack
from cavra_boundary.rules.samples import expand
from cavra_boundary.scan.scanner import Plan, Scanner

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from cavra_boundary.model import Finding, Rule

    Find = Callable[..., list[Finding]]

SERVICES = """
name = "services"
title = "Services of the tests"

[[rule]]
name = "checked"
kind = "credential"
clause = "tenant-secret"
severity = "error"
title = "Kestrelmoor ticket"
why = "It opens the door."
of = ["kestrelmoor"]
names = ["ticketkey"]
value = ["base64:40-80"]
validators = ["base64-json"]
lines = 0
examples = []
counterexamples = []

[[rule]]
name = "pass-mark"
kind = "credential"
clause = "tenant-secret"
severity = "error"
title = "Door mark"
why = "It opens the door."
names = ["doormark"]
value = ["base62:20"]
examples = []
counterexamples = []

[[rule]]
name = "session"
kind = "credential"
clause = "tenant-secret"
severity = "error"
title = "Session secret"
why = "It opens sessions."
names = ["sessionsecret"]
value = ["generated"]
examples = []
counterexamples = []

[[providers]]
severity = "error"
why = "It opens the service."
remedy = "Revoke it."
rows = [
  { name = "kestrelmoor-key", title = "Kestrelmoor key", of = ["kestrelmoor"], value = ["hex:32"], clause = "connector-credential", source = "https://kestrelmoor.example/docs" },
  { name = "kestrelmoor-secret", title = "Kestrelmoor secret", of = ["kestrelmoor"], names = ["secret"], value = ["hex:32", "base62:40"], clause = "connector-credential", source = "https://kestrelmoor.example/docs" },
  { name = "kestrelmoor-pro-key", title = "Kestrelmoor Pro key", of = ["kestrelmoorpro"], value = ["hex:32"], clause = "connector-credential", source = "https://kestrelmoor.example/docs" },
  { name = "tarnwick-token", title = "Tarnwick token", of = ["tarnwick", "twk"], value = ['re:[a-z0-9]{10}:[A-Z0-9]{14}', "uuid"], clause = "connector-credential", severity = "warning", source = "https://tarnwick.example/docs" },
]
"""  # noqa: E501 - a row is one line

HEX = expand("«hex:32»", "credentials")
CHOSEN = "zugspitze" + "_88"
B40 = expand("«base62:40»", "credentials")
MARK = expand("«base62:20»", "credentials")
RANDOM = expand("«base62:32»", "credentials")
UUID = expand("«uuid»", "credentials")
SHORT = expand("«base62:12»", "credentials")
COMMIT = expand("«hex:40»", "credentials")
DIGEST = base64.b64encode(bytes.fromhex(expand("«hex:64»", "digest"))).decode()
FAINT = next(
    each
    for seed in range(999)
    if WEAK_NAME > randomness((each := expand("«base36:11»", f"{seed}")).encode()) > STRONG_NAME
)
PAIR = expand("«base36:10»:«BASE36:14»", "credentials")


def rules() -> list[Rule]:
    shipped = read_pack(shipped_folder() / "credentials.toml", DEFAULT_MARKERS, lint=False)
    return [*shipped.rules, *parse_pack(Path("services.toml"), SERVICES.encode(), DEFAULT_MARKERS).rules]


def finder(used: Sequence[Rule], *, prefilter: bool = True) -> Find:
    scanner = Scanner(Plan.of_rules(used, "credentials", Cache(None), prefilter=prefilter))

    def find(text: str | bytes, path: str = "src/app.py") -> list[Finding]:
        data = text.encode() if isinstance(text, str) else text
        return scanner.blob(Blob.whole(path, data)).triaged.findings

    return find


@pytest.fixture(scope="module")
def find() -> Find:
    return finder(rules())


def said(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule.partition(".")[2], finding.severity.label) for finding in findings]


NAMED, WORD = "named-secret", "named-password"


# --- severity by evidence: the table of docs/credentials.md

EVIDENCE = {
    "a strong name": (f'client_secret = "{RANDOM}"', "src/app.py", [(NAMED, "error")]),
    "a strong name, in hex": (f'api_key = "{HEX}"', "src/app.py", [(NAMED, "error")]),
    "a strong name, a short value": (f'api_key = "{SHORT}"', "src/app.py", [(NAMED, "error")]),
    "a strong name in a pair": (f"- name: API_TOKEN\n  value: {RANDOM}\n", "k8s.yaml", [(NAMED, "error")]),
    "a weak name": (f'twist_key = "{RANDOM}"', "src/app.py", [(NAMED, "warning")]),
    "a strong name, a faint value": (f'api_key = "{FAINT}"', "src/app.py", [(NAMED, "error")]),
    "a weak name, a faint value": (f'twist_key = "{FAINT}"', "src/app.py", []),
    "a weak name, a digest's form": (f'twist_key = "{HEX}"', "src/app.py", []),
    "a name ahead": (f"the api key of our site, for all of us: see {RANDOM}", "mail.log", [(NAMED, "warning")]),
    "a name in a sentence": (f"the api key is {RANDOM}", "mail.log", [(NAMED, "error")]),
    "another name's value": (f'client_secret = choose("a1b2c3", "{RANDOM}")', "src/app.py", []),
    "a value compared": (f'if token == "{RANDOM}":', "src/app.py", [(NAMED, "error")]),
    "a key of an object": (f'{{"token": {{"{RANDOM}": 1}}}}', "app.json", []),
    "a value given to a call": (f'let token = String::from("{RANDOM}");', "src/app.rs", [(NAMED, "error")]),
    "what a call looks up": (f'let token = store.get("{RANDOM}");', "src/app.rs", []),
    "a string without quotes": (f"token = %q({RANDOM})", "src/app.rb", [(NAMED, "error")]),
    "in a block of secrets": (f"secrets:\n  acme: {RANDOM}\n", "app.yaml", [(NAMED, "warning")]),
    "a bare key in a block of keys": (f"api_keys:\n  - name: a\n    key: {HEX}\n", "app.yaml", [(NAMED, "warning")]),
    "in a block of something else": (f"cache_keys:\n  acme: {RANDOM}\n", "app.yaml", []),
    "a checksum in a block of secrets": (f"secrets:\n  sha256: {HEX}\n", "app.yaml", []),
    "encrypted in a block of secrets": (f"secrets:\n  encrypted_value: {RANDOM}\n", "app.yaml", []),
    "a UUID": (f'auth_token = "{UUID}"', "src/app.py", [(NAMED, "error")]),
    "a UUID under a weak name": (f'twist_key = "{UUID}"', "src/app.py", [(NAMED, "note")]),
    "a provider and a shape": (f'kestrelmoor_api_key = "{HEX}"', "src/app.py", [("kestrelmoor-key", "error")]),
    "a provider near by": (
        f'import kestrelmoor\n\ntwist_key = "{HEX}"\n',
        "src/app.py",
        [("kestrelmoor-key", "error")],
    ),
    "a provider's less severe key": (f'tarnwick_key = "{PAIR}"', "src/app.py", [("tarnwick-token", "warning")]),
    "a provider's UUID": (f'tarnwick_key = "{UUID}"', "src/app.py", [("tarnwick-token", "warning")]),
    "in a test": (f'client_secret = "{RANDOM}"', "tests/test_app.py", [(NAMED, "warning")]),
    "in an example": (f"client_secret={RANDOM}", ".env.example", [(NAMED, "warning")]),
    "in documentation": (f"client_secret: {RANDOM}", "docs/setup.md", [(NAMED, "warning")]),
    "a weak name in a test": (f'twist_key = "{RANDOM}"', "spec/app_spec.rb", [(NAMED, "note")]),
    "a UUID under a weak name in a test": (f'twist_key = "{UUID}"', "tests/a.py", [(NAMED, "note")]),
    "a provider in a test": (f'kestrelmoor_key = "{HEX}"', "tests/a.py", [("kestrelmoor-key", "warning")]),
    "a password in configuration": ("db_password: zugspitze88", "config/database.yml", [(WORD, "warning")]),
    "a strong password in configuration": (f"db_password: {CHOSEN}", "config/database.yml", [(WORD, "error")]),
    "a password in quotes in code": (f'db_password = "{CHOSEN}"', "src/app.py", [(WORD, "warning")]),
    "a password without quotes in code": ("db_password = winter_2031x", "src/app.py", []),
    "a password in a test": (f'db_password = "{CHOSEN}"', "tests/test_db.py", [(WORD, "warning")]),
    "a generated password": (f'db_password = "{RANDOM}"', "src/app.py", [(NAMED, "error")]),
}


@pytest.mark.parametrize("evidence", EVIDENCE)
def test_severity_by_evidence(find: Find, evidence: str) -> None:
    text, path, expected = EVIDENCE[evidence]
    assert said(find(text, path)) == expected


@pytest.mark.parametrize(
    ("path", "is_less"),
    [
        *[(path, True) for path in ("tests/a.py", "test/a.rb", "src/test/java/A.java", "pkg/a_test.go", "a.spec.ts")],
        *[
            (path, True)
            for path in ("spec/a_spec.rb", "src/__tests__/a.js", "fixtures/a.json", "testdata/a.txt", "T/ATest.java")
        ],
        *[
            (path, True)
            for path in (
                "examples/a.py",
                "samples/a.cs",
                "demo/a.js",
                "docs/a.txt",
                "README.md",
                "a/README",
                "notes.rst",
            )
        ],
        *[
            (path, True)
            for path in (".env.example", "config.sample.yml", "a.template.json", "settings.dist.php", "a.ipynb")
        ],
        *[(path, True) for path in ("mocks/a.json", "test_utils/a.py", "spec/cassettes/a.yml", "CHANGELOG")],
        *[
            (path, True)
            for path in ("e2e/a.ts", "cypress/support/a.js", "conftest.py", "src/stories/a.tsx", "CHANGES.txt")
        ],
        *[(path, True) for path in ("pkg/testutil/a.go", "src/__snapshots__/a.snap", "app/src/androidTest/A.kt")],
        *[(path, True) for path in ("MyAppTests/A.swift", "Acme.Tests/A.cs", "src/TestHelper.java", "tutorials/a.py")],
        *[(path, False) for path in ("src/Testimony.java", "history/a.py", "changes/a.py", "backtest/a.py")],
        *[
            (path, False)
            for path in ("src/a.py", "latest/a.py", "contest/a.py", "attestation/a.go", "src/inspector/a.js")
        ],
        *[(path, False) for path in ("protest.py", ".env", "config.yml", "deploy/prod.tfvars", "app/testimonials.js")],
    ],
)
def test_which_files_count_less(find: Find, path: str, is_less: bool) -> None:
    (finding,) = find(f'client_secret = "{RANDOM}"\n', path)
    assert finding.severity == (Severity.WARNING if is_less else Severity.ERROR)
    assert (finding.reason == "only a warning: in a test, a sample or documentation") == is_less


@pytest.mark.parametrize(
    ("text", "path", "reason"),
    [
        (f'client_secret = "{RANDOM}"', "a.py", ""),
        (f'twist_key = "{RANDOM}"', "a.py", "only a warning: the name may mean something else"),
        (f"the api key of our site, for all of us: see {RANDOM}", "a.log", "only a warning: the name is not its own"),
        ("db_password: zugspitze88", "a.yml", "only a warning: a person chose it, maybe as an example"),
        (
            f'twist_key = "{UUID}"',
            "tests/a.py",
            "only a note: a UUID often is an identifier, the name may mean something else, "
            "in a test, a sample or documentation",
        ),
    ],
)
def test_every_doubt_is_said(find: Find, text: str, path: str, reason: str) -> None:
    (finding,) = find(text, path)
    assert finding.reason == reason
    page = (Path(__file__).parents[2] / "docs/credentials.md").read_text(encoding="utf-8")
    for doubt in ("in a test, a sample or documentation", *reason.partition(": ")[2].split(", ")):
        assert doubt in page, "the table of doubts is stale"


# --- which rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f'kestrelmoor_key = "{HEX}"', "kestrelmoor-key"),
        (f'kestrelmoor_secret = "{HEX}"', "kestrelmoor-secret"),
        (f'kestrelmoor_secret = "{B40}"', "kestrelmoor-secret"),
        (f'kestrelmoor_key = "{B40}"', NAMED),
        (f'kestrelmoor_pro_key = "{HEX}"', "kestrelmoor-pro-key"),
        (f'KESTREL_MOOR_API_KEY = "{HEX}"', "kestrelmoor-key"),
        (f'my_kestrelmoor_key = "{HEX}"', "kestrelmoor-key"),
        (f'session_secret = "{RANDOM}"', "session"),
        (f'app_session_secret = "{RANDOM}"', "session"),
        (f'kestrelmoor_session_secret = "{HEX}"', "kestrelmoor-secret"),
        (f'kestrelmoor_session_secret = "{RANDOM}"', "session"),
        (f'keys.door_mark = "{MARK}"', "pass-mark"),
        (f'{{"token": null, "doorMark": "{MARK}"}}', "pass-mark"),
        (f'tarnwick_key = "{PAIR}"', "tarnwick-token"),
        (f'TWK_TOKEN="{PAIR}"', "tarnwick-token"),
        (f"https://api.tarnwick.example/v1?key={UUID}", "tarnwick-token"),
        (f'# Kestrelmoor, for the cards\napi_key = "{HEX}"', "kestrelmoor-key"),
        (f"[kestrelmoor]\nkey = {HEX}", "kestrelmoor-key"),
        (f"kestrelmoor:\n  api_key: {HEX}", "kestrelmoor-key"),
        (f"<kestrelmoor>\n  <key>{HEX}</key>\n</kestrelmoor>", "kestrelmoor-key"),
        (f'api_key = "{HEX}"  # of kestrelmoor', "kestrelmoor-key"),
    ],
)
def test_the_most_specific_rule_speaks(find: Find, text: str, rule: str) -> None:
    assert [name for name, _ in said(find(text, "app.cfg"))] == [rule]


@pytest.mark.parametrize(
    ("text", "path", "found"),
    [
        ("{word}\n{secret}", "src/app.py", True),
        ("{word}\n\n\n{secret}", "src/app.py", True),
        ("{secret}\n\n\n{word}", "src/app.py", True),
        ("{word}\n\n\n\n\n{secret}", "src/app.py", False),
        ("{secret}\n\n\n\n\n{word}", "src/app.py", False),
        ("{secret}", "src/kestrelmoor/app.py", True),
        ("{secret}", "src/Kestrelmoor.cs", True),
        ("{secret}", "src/app.py", False),
        ("{word}" + " " * 900 + "{secret}", "src/app.py", False),
    ],
)
def test_how_near_a_provider_is(find: Find, text: str, path: str, found: bool) -> None:
    written = text.format(word="use kestrelmoor", secret=f'api_key = "{HEX}"')
    assert [name for name, _ in said(find(written, path))] == ["kestrelmoor-key" if found else NAMED]


def test_a_validator_decides(find: Find) -> None:
    object_, list_ = (base64.b64encode(text.encode()).decode() for text in (f'{{"a":"{RANDOM}"}}', f'["{RANDOM}", 17]'))
    assert said(find(f'kestrelmoor_ticket_key = "{object_}"', "app.cfg")) == [("checked", "error")]
    assert "checked" not in dict(said(find(f'kestrelmoor_ticket_key = "{list_}"', "app.cfg")))


# --- which value, and what is said of it


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f'flickr_secret: "{RANDOM}"', "flickr_secret"),
        (f"scraperbox token = '{RANDOM}'", "scraperbox token"),
        (f'"OVH_CONSUMER_KEY", "{RANDOM}"', "OVH_CONSUMER_KEY"),
        (f"X-Acme-Token: {RANDOM}", "X-Acme-Token"),
        (f"tool --api-key {RANDOM} --verbose", "api-key"),
        (f"https://acme.example/v1?access_token={RANDOM}&page=2", "access_token"),
        (f"<authToken>{RANDOM}</authToken>", "authToken"),
        (f"<key>apiToken</key>\n<string>{RANDOM}</string>", "apiToken"),
        (f'- name: ACME_TOKEN\n  value: "{RANDOM}"', "ACME_TOKEN"),
        (f'variable "acme_token" {{\n  type = string\n  default = "{RANDOM}"\n}}', "acme_token"),
        (f'{{\\"auth\\":{{\\"token\\":\\"{RANDOM}\\"}}}}', "token"),
        (f'client_secret = b"{RANDOM}"', "client_secret"),
        (f'let client_secret: &str = "{RANDOM}";', "client_secret"),
        (f'Dim apiKey As String = "{RANDOM}"', "apiKey"),
        (f'api_key <- "{RANDOM}"', "api_key"),
        (f"api_key: |\n  {RANDOM}\n", "api_key"),
        (f"api_key: &key {RANDOM}\n", "api_key"),
    ],
)
def test_the_finding_says_what_the_name_says(find: Find, text: str, name: str) -> None:
    (finding,) = find(text, "app.cfg")
    assert finding.message.startswith(f"Secret ({name}): ")
    assert RANDOM not in finding.snippet + finding.message
    start = text.index(RANDOM)
    assert finding.position.line == text.count("\n", 0, start) + 1
    assert finding.position.column == start - (text.rfind("\n", 0, start) + 1) + 1


def test_a_name_that_is_a_secret_itself_is_not_said(find: Find) -> None:
    for finding in find(f'headers["token_{RANDOM}"] = "{B40}"'):
        assert RANDOM not in finding.message


def test_each_value_is_found_once(find: Find) -> None:
    text = f'auth(token="{RANDOM}", api_key="{B40}", db_password="{CHOSEN}")\npassword = "{HEX}"\n'
    found = find(text)
    assert [finding.position.column for finding in found] == [13, 57, 113, 13][: len(found)] or len(found) == 4
    assert len({(finding.position.line, finding.position.column) for finding in found}) == 4


TABLES = {
    "CSV": ("users.csv", "id,email,api_token\n1,a@b.example,{}\n2,c@d.example,{}\n"),
    "TSV": ("users.tsv", "id\temail\tapi_token\n1\ta@b.example\t{}\n2\tc@d.example\t{}\n"),
    "Markdown": ("keys.txt", "| id | api token |\n| --- | --- |\n| 1 | {} |\n| 2 | {} |\n"),
    "SQL": ("dump.sql", "INSERT INTO users (id, email, api_token) VALUES (1, 'a@b.example', '{}'), (2, 'c', '{}');\n"),
    "COPY": ("dump.sql", "COPY users (id, email, api_token) FROM stdin;\n1\ta@b.example\t{}\n2\tc\t{}\n\\.\n"),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_column_is_a_name(find: Find, table: str) -> None:
    path, text = TABLES[table]
    found = find(text.format(RANDOM, B40), path)
    assert said(found) == [(NAMED, "error")] * 2


@pytest.mark.parametrize("table", TABLES)
def test_passwords_in_a_column(find: Find, table: str) -> None:
    path, text = TABLES[table]
    text = text.replace("api_token", "user_password").replace("api token", "user password")
    assert said(find(text.format("zugspitze88", "kr4nichmoor"), path)) == [(WORD, "warning")] * 2


@pytest.mark.parametrize("table", TABLES)
def test_a_column_of_something_else(find: Find, table: str) -> None:
    path, text = TABLES[table]
    text = text.replace("api_token", "checksum").replace("api token", "checksum")
    assert said(find(text.format(RANDOM, B40), path)) == []


NOTHING = [
    f'commit = "{HEX}"',
    f'token_hash = "{HEX}"',
    f'"integrity": "sha512-{base64.b64encode(HEX.encode() * 2).decode()}"',
    f'publishable_key = "{RANDOM}"',
    f'public_key = "{B40}"',
    f'cache_key: "{RANDOM}"',
    f'primary_key = "{UUID}"',
    f'nextPageToken: "{RANDOM}"',
    f'etag: "{HEX}"',
    f"plain words before {RANDOM}",
    'client_secret = "getCustomerOperatingDashboard"',
    'client_secret = "my-app-registry-secret"',
    'client_secret = "changeme1234"',
    'client_secret = "abcdefghijklmnop1234"',
    'client_secret = "0123456789abcdef0123456789abcdef"',
    'client_secret = "deadbeefdeadbeefdeadbeefdeadbeef"',
    'client_secret = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
    'client_secret = "qwertyuiopasdfghjklzxcvbnm"',
    'client_secret = "00000000-0000-0000-0000-000000000000"',
    f'client_secret = "{base64.b64encode(b"this is only some text in base64").decode()}"',
    "client_secret = os.environ['ACME_CLIENT_SECRET_2']",
    "client_secret = ${ACME_CLIENT_SECRET_2}",
    "client_secret = {{ vault.acme_client_secret_2 }}",
    "client_secret = load_client_secret_v2_from(file)",
    "client_secret: op://Infra/acme-q7x/credential",
    "client_secret = config/keys/acme_2031_q7x.pem",
    "api_key = 20311231235959.000417",
    "api_key_url = https://acme.example/keys/2031",
    "db_password = os.environ['DB_PASSWORD_2']",
    "password: ${DB_PASSWORD_2}",
    "password: changeme1",
    "password: <your-password-1>",
    "password: password123",
    "password: string",
    "password = derive_key(SALT_2)",
    "password_hash: zugspitze_88",
    "password_policy: strong-Rule7",
    'password = "two words 7"',
    "password: abc1",
    "password: 11111111a",
    # a revision, a digest
    f"uses: acme/configure-credentials@{COMMIT}",
    f"uses: acme/create-app-token@{COMMIT} # v2",
    f"secret-store @ git+https://git.example/acme/secret-store@{COMMIT}",
    f"example.com/acme/jwt-token/v5 v5.0.0 h1:{DIGEST}\nexample.com/acme/jwt-token/v5 v5.0.0/go.mod h1:{DIGEST}",
    f"host key token SHA-256:{DIGEST}",
    # what passed, which license, what a program says
    f"PASS: gcc.dg/key-{SHORT}.c (test for excess errors)",
    f"PASS: one\nPASS: secret/{SHORT}\nFAIL: two",
    "passwd: user-2x is not known",
    "password: must-have-1 digit and one letter",
    # encrypted
    *(
        f"password={{{scheme}}}{B40}"
        for scheme in ("cipher", "AES", "SSHA", "pbkdf2", "enc", "x-sealed", "AES-256-GCM")
    ),
    *(f"password: '{{{scheme}}}{HEX}'" for scheme in ("cipher", "ssha512", "bcrypt")),
    *(f"password: {mark}{B40}" for mark in ("CRYPT:", "encrypted:", "$encrypted$", "$AES256$", "ENC[PKCS7,", "ENC(")),
    f"client_secret: !encrypted/pkcs1-oaep {B40}",
    f"client_secret: !encrypted\n  {B40}",
    f"encryptedPassword: {B40}",
    f"wrapped_key = '{B40}'",
    f"sealed_token_v2: {B40}",
    f"encrypted_data_key: {B40}",
    # names that open nothing
    f'"passwordSalt": "{B40}"',
    f'<input name="__RequestVerificationToken" type="hidden" value="{B40}" />',
    f'tokenProgram: "{B40}"',
    f'token_mint: "{B40}"',
    f'verify_key = "{B40}"',
    # code
    'password = password.encode("latin1")',
    'password = raw.decode("iso8859-1")',
    'passwd = re.sub("[^a-z0-9]+", "", x)',
    'password = "[a-z0-9]{8}"',
    'PASSWORD="$DB_PW-$ENV2"',
    "DB_PASSWORD=${DB_PASSWORD:?err-1}",
    "password_encryption: scram-sha-256",
    "db_password_scheme_secret: argon2id-v19",
    # kept elsewhere
    *(f"password: {store}:svc/db-2x" for store in ("keyring", "pass", "bitwarden", "keepass", "cyberark", "lastpass")),
    "password: !ImportValue prod-db2-pw7",
    '"password": {"Fn::ImportValue": "Prod-Db2-Pw7x"}',
    "password: DB_PW_2X_FROM_VAULT",
    "password: see-vault-entry-2x",
    "password: stored_in_keychain_7q",
    "passwort=Passwort \\u00e4ndern1",
    "X-Amz-Credential=ci%40acme%2F20310301%2Feu-west-1%2Fs3%2Faws4_request",
    'secret_pattern = "lws_secret_[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{32}"',
    f'secret_pattern = "{B40}[A-Z2-7]{{200,2000}}"',
    "<password>{" + expand("«base64:15»", "maven") + "=}</password>",
    f'<a class="secret-key" href="#{RANDOM}">',
    'PasswordLastUsed: "2031-09-08T21:47:36Z"',
    'id_token_encrypted_response_enc: "A128CBC-HS256"',
    "esxi1_password: @ESXI1_PASSWORD",
    "KRB5_PASSWORD_ENV = 'KRB5_PASSWORD'",
    "PASSWORD_ARGUMENT = re.compile(r'^[-]{0,2}pass[-]?(word|wd)?')",
    'names = ["PannerNode", "PasswordCredential", "Path2D", "Payment"]',
    "lp2hp_zpk_signature = lp2bs_zpk_signature",
    f"clientRequestToken: {UUID}",
    f"{{{{ signature('x', 'their_secret') => '{HEX}{HEX}' }}}}",
    "when: unvault(data1_password) == data1_plaintext",
    "$db_password = Get-AnsibleParam",
    "$certPassword = ConvertTo-SecureString -String $module.Params.cert_pw -AsPlainText -Force",
]

OPENING = [
    f"api_key: {RANDOM}@{COMMIT}",
    f"PASS: {RANDOM}",
    f"password={{xor}}{RANDOM}",
    f"password: {{{RANDOM}}}",
    f"openssl enc -pass pass:{RANDOM}",
    f"DB_PASSWORD=${{DB_PASSWORD:-{RANDOM}}}",
    "password: Zugspitze_88x for all of us",
    f'password = sha.encode64("{CHOSEN}x")',
    "password: Zug-88x-from",
    f'AUTH_SALT_SECRET="{RANDOM}"',
    f"email_verification_token={RANDOM}",
    f"session_id: {RANDOM}",
    f"signing_key: {B40}",
    f"license_key: {RANDOM}",
]


@pytest.mark.parametrize("text", OPENING)
def test_what_only_looks_like_nothing(find: Find, text: str) -> None:
    assert said(find(text + "\n", "deploy/app.conf"))


@pytest.mark.parametrize(
    "text", [f'session_id = "{UUID}"', f'{{"sessionId": "{UUID}"}}', f'token = "0x{COMMIT}"', f'apiKey = "0x{COMMIT}"']
)
def test_identifiers_are_only_noted(find: Find, text: str) -> None:
    assert said(find(text, "src/app.js")) == [(NAMED, "note")]


@pytest.mark.parametrize("value", [f"GPLv3+~{SHORT}", "LGPL-2.1+KDE-4", "BSD-3-Clause-4x7"])
def test_a_license_is_only_noted(find: Find, value: str) -> None:
    assert {severity for _, severity in said(find(f"License: {value}\n", "debian/copyright"))} <= {"note"}


def test_the_public_half_of_a_key_is_no_phrase_of_a_rule(find: Find) -> None:
    assert said(find(f'keys.door_mark = "{MARK}"')) == [("pass-mark", "error")]
    for kind in ("public", "encrypted", "wrapped", "sealed"):
        assert said(find(f'keys.{kind}_door_mark = "{MARK}"')) == []


@pytest.mark.parametrize("text", NOTHING)
def test_what_opens_nothing(find: Find, text: str) -> None:
    assert said(find(text + "\n", "deploy/app.conf")) == []


@pytest.mark.parametrize("kind", ["v", "p"])
def test_our_own_fingerprints_open_nothing(find: Find, kind: str) -> None:
    mark = f"{kind}2-{expand('«hex:16»', 'fingerprint')}"
    assert said(find(f'rule = "demo.token"\nvalue = "{mark}"\n', ".cavra-boundary.toml")) == []
    assert said(find(f"{mark} demo.token\n{mark} demo.secret\n", ".cavra-boundary-baseline")) == []


def test_the_hash_of_a_password_is_none(find: Find) -> None:
    salt, digest = expand("«base62:16»", "salt"), expand("«base62:53»", "hash")
    for salted in (f"$2b$12${digest}", f"pbkdf2_sha256$30000${salt}${digest}=", f"scrypt:32768:8:1${salt}${digest}"):
        assert said(find(f'password = "{salted}"\n', "app.conf")) == []
    assert (
        said(find(f"root:$6${expand('«base62:16»', 'salt')}${expand('«base62:86»', 'hash')}:19000::::::\n", "a")) == []
    )


@pytest.mark.parametrize(
    ("value", "is_one"),
    [
        *[
            (value, True)
            for value in (b"zugspitze_88", b"Kr4nich-Moor!", b"s3cretSauce9!", b"tr0ub4dor&3", b"Xk9#mQ2$")
        ],
        *[
            (value, False)
            for value in (b"", b"abc1", b"aaaaaa1", b"password", b"password123", b"changeme1", b"letmein")
        ],
        *[(value, False) for value in (b"12345678", b"${PASSWORD_1}", b"<password1>", b"a1" * 200, b"********")],
    ],
)
def test_what_may_be_a_password(value: bytes, is_one: bool) -> None:
    assert is_password(value) == is_one


# --- whatever a file holds

PIECES = [
    *(
        '"',
        "'",
        "=",
        ": ",
        " = ",
        "\n",
        " ",
        "(",
        ")",
        "{",
        "}",
        "<",
        ">",
        "</key>",
        ",",
        ";",
        "&",
        "--",
        "|",
        "\\",
        "\0",
        "é",
    ),
    *(
        "secret",
        "token",
        "password: ",
        "Pass",
        "passwd=",
        "name: ",
        "value: ",
        "default = ",
        "client_secret",
        "apiKey",
        "sig=",
    ),
    *(
        "kestrelmoor",
        "tarnwick",
        "twk_",
        "session_secret",
        "pin",
        "code",
        "-----BEGIN X-----\n",
        "id,token\n",
        "| token |\n|---|\n",
    ),
    *(
        RANDOM,
        HEX,
        B40,
        UUID,
        SHORT,
        PAIR,
        "zugspitze_88",
        "changeme",
        "/usr/lib/token",
        "x" * 40,
        "$2b$",
        "INSERT INTO t (token) VALUES (",
    ),
]


@pytest.fixture(scope="module")
def slow_find() -> Find:
    return finder(rules(), prefilter=False)


@settings(max_examples=300)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=14), dice=st.randoms(use_true_random=False))
def test_with_the_prefilter_and_without(find: Find, slow_find: Find, pieces: list[str], dice: random.Random) -> None:
    text = "".join(each if dice.random() < 0.9 else each[: dice.randrange(len(each) + 1)] for each in pieces)
    path = dice.choice(["a.py", "a.yml", "a.csv", "tests/a.sql", "a.md", "kestrelmoor.ts"])
    assert find(text, path) == slow_find(text, path)


HOSTILE = {
    "open quotes": 'key="',
    "a chain of assignments": "a=b=c",
    "names without values": "secret token ",
    "short values": f'token="{SHORT}",',
    "provider's values": f'kestrelmoor_key="{HEX}",',
    "values without a provider": f"key={HEX} ",
    "passwords": "password=zugspitze_88;",
    "passwords' names": "password",
    "one value": "Ab9",
    "pairs": '{"value":"Ab9xQ7Lm2Zt4","name":"',
    "a table": "| a | token |\n|---|---|\n",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_long_line_is_read_whole(kind: str) -> None:
    """A scan that runs out of time says so."""
    data = "client_secret: " + HOSTILE[kind] * ((1 << 16) // len(HOSTILE[kind]))
    scanner = Scanner(Plan.of_rules(rules(), "credentials", Cache(None)))
    part = scanner.blob(Blob.whole("a.yml", data.encode()))
    assert [skip.reason for skip in part.skipped if "matches more than" not in skip.reason] == []


WORDS_AND_GAPS = [
    *(
        "secret",
        "Pass",
        "pass",
        "sid",
        "Sid",
        "clé",
        "value",
        "default: ",
        "serialXn",
        "serial\nn",
        "пароль",
        "key",
        "passwd",
    ),
    *(
        "hasł",
        "schlüssel",
        "cle",
        "clef",
        "pat",
        "aPat",
        "APat",
        "x" * 9,
        "x" * 10,
        "x" * 11,
        " ",
        "=",
        '"',
        "\n",
        "é",
        "1",
    ),
    *(" " * 159, " " * 160, " " * 161, "a b " * 39, "a b " * 40, "%" * 158),
]


@settings(max_examples=300)
@given(pieces=st.lists(st.sampled_from(WORDS_AND_GAPS), max_size=8))
def test_the_prefilter_points_at_every_place_and_at_no_other(prefilter: Prefilter, pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    fast, slow = prefilter.places(data), places(data)
    assert set(values(data, fast)) == set(values(data, slow))
    assert set(fast.passwords) == set(slow.passwords)


@pytest.fixture(scope="module")
def prefilter() -> Prefilter:
    return Prefilter([], "credentials", Cache(None))
