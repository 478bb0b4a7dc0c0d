"""Names and values are read the same way whatever the syntax, exactly, and in linear time."""

from __future__ import annotations

import re
import sys
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cavra_boundary.detect.gates import WORDS
from cavra_boundary.detect.gatewords import PASSWORD_GATE
from cavra_boundary.detect.names import fold
from cavra_boundary.model import Span
from cavra_boundary.rules.samples import expand
from cavra_boundary.structure.naming import REACH, Named, Relation, named, password_at, value_at, word_around

VALUE = expand("«base62:32»", "naming")
CHOSEN = "Winter" + "!42"
"""Stands where the texts below have §."""


def read(text: str) -> Named:
    """The value in a text, with its names."""
    data = text.replace("§", VALUE, 1).encode()
    value = value_at(data, data.index(VALUE.encode()))
    assert value, text
    assert data[slice(*value.span)] == VALUE.encode(), text
    return named(data, value, WORDS)


OWN = {
    "assignment": r"""
        client_secret = "§"
        client_secret='§'
        client_secret=§
        client_secret := "§"
        client_secret ?= §
        client_secret ||= "§"
        client_secret <- "§"
        client_secret -> "§"
        client_secret == "§"
        if client_secret != "§":
        if (client_secret === '§') {
        if (client_secret.equals("§")) {
        if (user.client_secret.equalsIgnoreCase("§")) {
        if ($client_secret eq "§") {
        client_secret = r#"§"#
        client_secret = %q(§)
        client_secret = %Q[§]
        my $client_secret = q{§};
        $client_secret = "§";
        @client_secret = "§"
        $env:client_secret = "§"
        self.client_secret = "§"
        config["client_secret"] = "§"
        config['client_secret'] = '§'
        client_secret = ["§"]
        client_secret = `§`
        client_secret = '' + '§'
        (setq client-secret "§")
        (def client-secret "§")
    """,
    "the value on another line": r"""
        client_secret =\n    "§"
        client_secret = (\n    "§"\n)
        client_secret = \\n  "§"
        client_secret = \"\"\"\n§\n\"\"\"
        client_secret = <<EOF\n§\nEOF
        client_secret = <<~'TEXT'\n    §\nTEXT
    """,
    "declaration with a type": r"""
        client_secret: str = "§"
        let client_secret: &str = "§";
        let client_secret: &'static str = "§";
        const CLIENT_SECRET: &[u8] = b"§";
        const char client_secret[] = "§";
        static char client_secret[33] = "§";
        const char *client_secret = "§";
        #define CLIENT_SECRET "§"
        private static final String CLIENT_SECRET = "§";
        val clientSecret: String = "§"
        var clientSecret string = "§"
        Dim clientSecret As String = "§"
        Const clientSecret = "§"
        NSString *clientSecret = @"§";
        -define(CLIENT_SECRET, "§").
    """,
    "prefix of a string": r"""
        client_secret = b"§"
        client_secret = rb'§'
        client_secret = u"§"
        client_secret = f"§"
        client_secret = L"§"
        client_secret = u8"§"
        client_secret = @"§"
        client_secret=$'§'
    """,
    "call": r"""
        setClientSecret("§")
        options.set("client_secret", "§")
        define('CLIENT_SECRET', '§');
        Client(client_secret="§")
        client_secret = SecretStr("§")
        client_secret = base64.b64decode("§")
        client_secret = String.new("§")
        client_secret("§")
    """,
    "fallback of a look-up": r"""
        os.environ.get("CLIENT_SECRET", "§")
        os.getenv("CLIENT_SECRET") or "§"
        process.env.CLIENT_SECRET || "§"
        process.env.CLIENT_SECRET ?? '§'
        env.fetch("CLIENT_SECRET") { "§" }
        ${CLIENT_SECRET:-§}
        ${CLIENT_SECRET:=§}
    """,
    "map": r"""
        "client_secret": "§"
        'client_secret' => '§',
        :client_secret => "§"
        client_secret: '§',
        {:client-secret "§"}
        %{client_secret: "§"}
        "Client-Secret": ["§"]
        "client_secret", "§"
        "ClientSecret"="§"
    """,
    "map in a string, at any depth": r"""
        {\"client_secret\": \"§\"}
        {\\"client_secret\\":\\"§\\"}
        {\\\"client_secret\\\":\\\"§\\\"}
    """,
    "YAML": r"""
        client_secret: §
        client_secret: |\n  §
        client_secret: |-\n    §
        client_secret: >\n  §
        client_secret: &anchor §
        client_secret: !!str §
        client_secret: !!binary |\n  §
        client_secret: &anchor !!str §
        client_secret:\n  - §
        client_secret:\n  - "§"
        client_secret:\n  value: §
        client_secret:\n    default: "§"
    """,
    "shell": r"""
        export CLIENT_SECRET=§
        export CLIENT_SECRET="§"
        set CLIENT_SECRET=§
        setx CLIENT_SECRET "§"
        setx CLIENT_SECRET §
        setenv CLIENT_SECRET §
        ENV CLIENT_SECRET §
        ENV CLIENT_SECRET=§
        ARG CLIENT_SECRET=§
    """,
    "flag": r"""
        tool --client-secret § --verbose
        tool --client-secret=§
        tool --client-secret "§"
        ["--client-secret", "§"]
        tool -client-secret §
        tool /client-secret:§
    """,
    "header": r"""
        Client-Secret: §
        curl -H "X-Client-Secret: §"
        > Client-Secret: §
        Client-Secret: Bearer §
    """,
    "address": r"""
        client_secret=§&x=1
        https://a.example/x?client_secret=§
        https://a.example/x?a=b&client_secret=§&c=d
        https://a.example/x#client_secret=§
    """,
    "connection string": r"""
        Server=a.example;ClientSecret=§;Database=b
    """,
    "XML": r"""
        <client_secret>§</client_secret>
        <clientSecret>\n  §\n</clientSecret>
        <clientSecret><![CDATA[§]]></clientSecret>
        <a client_secret="§" b="c">
        <string name="client_secret">§</string>
        <entry key="client_secret">§</entry>
        <key>client_secret</key>\n<string>§</string>
        <key>client_secret</key><string>§</string>
    """,
    "prose": r"""
        client secret: §
        **Client secret:** §
        `client_secret`: `§`
        | client_secret | § |
    """,
}
PAIRS = r"""
    - name: client_secret\n  value: §
    - name: CLIENT_SECRET\n  value: "§"
    - value: §\n  name: CLIENT_SECRET
    {"name": "client_secret", "value": "§"}
    {"value": "§", "name": "client_secret"}
    {"Key": "client_secret", "Value": "§"}
    {"ParameterKey": "ClientSecret", "ParameterValue": "§"}
    { name = "client_secret", value = "§" }
    <add key="client_secret" value="§" />
    <add value="§" key="client_secret" />
    <property name="client_secret" value="§"/>
    <input name="client_secret" type="hidden" value="§">
    <meta name="client-secret" content="§">
    variable "client_secret" {\n  type = string\n  default = "§"\n}
    variable "client_secret" {\n  description = "What opens it"\n  sensitive = true\n  default = "§"\n}
    resource "x" "client_secret" {\n  value = "§"\n}
    parameters:\n  clientSecret:\n    type: string\n    default: §
"""
TOLD = r"""
    Client Secret §
    # the client secret § opens it
    The client secret is §
    his client secret was §
    set the client secret to §
"""
GIVEN = r"""
    let client_secret = String::from("§");
    const client_secret = Buffer.from('§', 'hex')
    byte[] clientSecret = Base64.getDecoder().decode("§");
    client_secret = Zeroizing::new(wrap_it("§"))
    clientSecret = new Guarded<String>("§")
    client_secret: keeper.hold("§")
    auto client_secret = make_unique<Text>(\n    "§")
    client_secret, err := wire.Unpack("§")
"""
NOT_GIVEN = r"""
    client_secret = choose("a1b2c3", "§")
    client_secret = os.getenv("§")
    client_secret = config.get("§")
    client_secret = vault.read("§")
    client_secret = sha256("§")
    client_secret = decrypt("§")
    client_secret: ENC("§")
    expect(client_secret).toBe("§")
"""
AHEAD = r"""
    client_secret = choose("a1b2c3", "§")
    client_secret = is_live ? "§" : ""
    client_secret = hash(user, "§")
    expect(client_secret).toBe("§")
    the client_secret must be kept, as in '§'
"""
NAMELESS = r"""
    "§"
    § = 1
    ordinary words and then §
    client_secret = 1\nother = "§"
    client_secret = load()\nprint("§")
    client_secret = None;\n\n\nx = "§"
"""


def texts(block: str) -> list[str]:
    """The lines of a block, with the escapes for line ends and three quotes undone."""
    lines = (line.strip() for line in block.strip().splitlines())
    return [line.replace("\\n", "\n").replace('\\"\\"\\"', '"""') for line in lines]


@pytest.mark.parametrize(
    "text", [each for block in OWN.values() for each in texts(block)], ids=lambda text: " ".join(text.split())
)
def test_the_name_that_the_syntax_gives(text: str) -> None:
    got = read(text)
    name, relation = got.names[0]
    assert fold(name).endswith("clientsecret"), got
    assert fold(got.own) == fold(name) or relation == Relation.PAIRED
    assert relation < Relation.TOLD, got


@pytest.mark.parametrize("text", texts(PAIRS), ids=lambda text: " ".join(text.split()))
def test_the_name_beside_the_value_in_a_pair(text: str) -> None:
    name, relation = read(text).names[0]
    assert (fold(name), relation) == ("clientsecret", Relation.PAIRED)


@pytest.mark.parametrize("text", texts(TOLD), ids=lambda text: " ".join(text.split()))
def test_the_name_in_a_sentence(text: str) -> None:
    name, relation = read(text).names[0]
    assert fold(name).endswith("clientsecret")
    assert relation == Relation.TOLD


@pytest.mark.parametrize("text", texts(GIVEN), ids=lambda text: " ".join(text.split()))
def test_the_name_of_the_call_that_is_given_the_value(text: str) -> None:
    name, relation = read(text).names[0]
    assert fold(name).endswith("clientsecret")
    assert relation <= Relation.TOLD


@pytest.mark.parametrize("text", texts(NOT_GIVEN), ids=lambda text: " ".join(text.split()))
def test_what_a_call_looks_up_is_not_its_result(text: str) -> None:
    assert not [name for name, relation in read(text).names if relation < Relation.AHEAD and "secret" in fold(name)]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ('{"token": {"§": 1}}', True),
        ('{"§" : 1}', True),
        ("{'§' => 1}", True),
        ('token = {"§": 1}', True),
        ('if token == "§":', False),
        ('if token != b"§":', False),
        ('if token is not "§":', False),
        ("x = token === '§' ? 1 : 2", False),
        ('token eq "§" : x', False),
    ],
)
def test_what_is_compared_is_no_key(text: str, called: bool) -> None:
    assert read(text).called == called


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("token = %q(§)", True),
        ("token = %(§)", True),
        ("token = q{§};", True),
        ("token = qq|§|;", True),
        ("token = q{§)", False),
        ("token = $q{§}", False),
        ("token = iq(§)", False),
        ("token = a.q(§)", False),
        ("token = 5 %(§)", True),
        ("token = a%(§)", False),
    ],
)
def test_strings_without_quotes(text: str, quoted: bool) -> None:
    assert read(text).quoted == quoted


BLOCKS = {
    "secrets:\n  prod: §": "secrets",
    "secrets:\n  # of theirs\n\n  dev: a\n  prod: §": "secrets",
    "secrets:\n  acme:\n    prod: §": "secrets",
    "api_keys:\n  - name: prod\n    id: §": "api_keys",
    "[secrets]\nacme = '§'": "secrets",
    "[app.secrets]\nother = 1\nacme = §": "app.secrets",
    '{"api_tokens":{"prod":"§"}}': "api_tokens",
    '{"api_tokens":{"dev":{"a":1},"prod":"§"}}': "api_tokens",
    '{\n  "api_tokens": {\n    "dev": "a",\n    "prod": "§"\n  }\n}': "api_tokens",
    r"{\"api_tokens\":{\"prod\":\"§\"}}": "api_tokens",
    "TOKENS = {'dev': 'a', 'prod': '§'}": "TOKENS",
    "resource x {\n  secrets {\n    acme = '§'\n  }\n}": "secrets",
    "passwords => { prod => '§' }": "passwords",
    "secrets:\n  a: 1\nother:\n  prod: §": "",
    "secrets: {a: 1}\nother: {prod: '§'}": "",
    "[secrets]\na = 1\n[other]\nacme = '§'": "",
    "secret:\n  prod: §": "",
    'resource "x" "tokens" {\n  ami = "§"\n}': "",
    "function secrets() {\n  x = '§'\n}": "",
    "secrets:\n  prod: it is §": "",
    "tokens:\n  prod:\n    secure: §": "",
    "tokens:\n" + "  a: 1\n" * 20 + "  prod: §": "",
}


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: " ".join(text.split())[:60])
def test_the_block_that_a_value_is_in(text: str) -> None:
    assert read(text).block == BLOCKS[text]


@pytest.mark.parametrize("text", texts(AHEAD), ids=lambda text: " ".join(text.split()))
def test_a_name_further_ahead(text: str) -> None:
    names = [(fold(name), relation) for name, relation in read(text).names if WORDS.search(name.encode())]
    assert names[0][0].endswith("clientsecret")
    assert names[0][1] == Relation.AHEAD


@pytest.mark.parametrize("text", texts(NAMELESS), ids=lambda text: " ".join(text.split()))
def test_another_statements_name_is_none(text: str) -> None:
    assert not [name for name, _ in read(text).names if WORDS.search(name.encode())]


def test_the_closest_name_comes_first() -> None:
    got = read('auth = Auth(user_token="a", client_secret="§")')
    assert [(name, relation) for name, relation in got.names] == [
        ("client_secret", Relation.ASSIGNED),
        ("user_token", Relation.AHEAD),
        ("Auth", Relation.AHEAD),
        ("auth", Relation.AHEAD),
    ]


def test_names_in_any_script() -> None:
    assert read('contraseña = "§"').names[0] == ("contraseña", Relation.ASSIGNED)
    assert read("hasło: §").names[0] == ("hasło", Relation.ASSIGNED)
    assert read("访问令牌：§").names[0] == ("访问令牌", Relation.ASSIGNED)
    assert read("token：“§” 请保存").names[0] == ("token", Relation.ASSIGNED)


@pytest.mark.parametrize(
    ("text", "quoted", "called"),
    [
        ('secret = "§"', True, False),
        ("secret: §", False, False),
        ("secret = §(", False, True),
        ("secret = §()", False, True),
        ("<secret>§</secret>", False, False),
    ],
)
def test_how_the_value_is_written(text: str, quoted: bool, called: bool) -> None:
    got = read(text)
    assert (got.quoted, got.called) == (quoted, called)


@pytest.mark.parametrize(
    ("text", "in_address"),
    [
        ("https://a.example/§?secret=1", True),
        ("see https://a.example/a/secret/§", True),
        ('token = "§"', False),
        ("token: x/§", True),
    ],
)
def test_what_is_a_part_of_an_address(text: str, in_address: bool) -> None:
    assert read(text).in_address == in_address


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ('"ab§"', "§", "ab§"),
        ("login user:§ now", "§", "user:§"),
        ("a=§&b", "§", "§"),
        ("42$§ b", "§", "42$§"),
        ("x §", "§", "§"),
    ],
)
def test_the_word_around_a_value(text: str, value: str, whole: str) -> None:
    data, part, found = (each.replace("§", VALUE).encode() for each in (text, value, whole))
    start = data.index(part)
    assert data[slice(*word_around(data, Span(start, start + len(part))))] == found


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('db_password = "§"', "db_password", "§"),
        ("DB_PASSWORD=§", "DB_PASSWORD", "§"),
        ("password: §", "password", "§"),
        ("spring.datasource.password=§", "spring.datasource.password", "§"),
        ("passwordForAdmin: '§'", "passwordForAdmin", "§"),
        ("<password>§</password>", "password", "§"),
        ("Server=a;Password=§;Timeout=5", "Password", "§"),
        ("'password' => '§'", "password", "§"),
        ('var dbPassword string = "§"', "dbPassword", "§"),
        ('let password: &str = "§";', "password", "§"),
        ('password: String = "§"', "password", "§"),
        ('char password[] = "§"', "password", "§"),
        ('password = b"§"', "password", "§"),
        (r"{\"password\": \"§\"}", "password", "§"),
        ('if password == "§":', "password", "§"),
        ('contraseña: "§"', "contraseña", "§"),
        ('config["password"] = "§"', "password", "§"),
        ('password =\n  "§"', "password", "§"),
        ('password = SecretStr("§")', "password", "§"),
        ('set_password("user", "§")', "", ""),
        ("password = ", "", ""),
        ("password", "", ""),
        ('password = "two words"', "", ""),
        ('password = "open', "", ""),
    ],
)
def test_what_is_assigned_to_a_passwords_name(text: str, name: str, value: str) -> None:
    data = text.replace("§", CHOSEN).encode()
    found = re.search(PASSWORD_GATE.encode(), data)
    assert found
    got = password_at(data, found.end())
    assert (got.own if got else "") == name
    assert (data[slice(*got.span)].decode() if got else "") == value.replace("§", CHOSEN)


@pytest.mark.parametrize("text", ["password = derive(salt)", "password: getenv(DB_PASS1)", "password=settings[0]"])
def test_a_password_that_is_called_is_no_literal(text: str) -> None:
    got = password_at(text.encode(), len("password"))
    assert got is None or got.called


# --- whatever a file holds

PIECES = st.sampled_from(
    [
        *(
            '"',
            "'",
            "`",
            "=",
            ":",
            ": ",
            " = ",
            "\\",
            '\\"',
            "\n",
            "\r\n",
            " ",
            "\t",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "<",
            ">",
        ),
        *(
            "</",
            "/>",
            ",",
            ";",
            "&",
            "|",
            "-",
            "--",
            "$",
            "@",
            "#",
            "%",
            "\0",
            "é",
            "\ud7ff",
            "日本",
            "=>",
            ":=",
            "<<EOF\n",
        ),
        *(
            "secret",
            "token",
            "password",
            "name",
            "value",
            "key",
            "default",
            "b",
            "x",
            "client_secret",
            "a.b.c",
            "auth ",
        ),
    ]
)


@given(
    before=st.lists(PIECES, max_size=30), after=st.lists(PIECES, max_size=10), quote=st.sampled_from(['"', "'", "`"])
)
@example(before=[], after=[], quote='"')
def test_a_quoted_value_is_read_exactly(before: list[str], after: list[str], quote: str) -> None:
    head = ("".join(before) + quote).encode()
    data = head + VALUE.encode() + (quote + "".join(after)).encode()
    value = value_at(data, len(head))
    is_key = "".join(after).lstrip()[:1] == ":" or "".join(after).lstrip()[:2] == "=>"
    assert value
    assert value._replace(called=False) == Named(Span(len(head), len(head) + len(VALUE)), "", (), quoted=True)
    assert is_key or not value.called
    got = named(data, value, WORDS)
    assert got.span == value.span
    assert len(got.names) <= 12
    for name, relation in got.names:
        assert name
        assert relation != Relation.AHEAD or WORDS.search(name.encode("utf-8", "replace"))


@given(data=st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=60).map(lambda each: "".join(each).encode())))
def test_any_bytes_can_be_read_at_any_place(data: bytes) -> None:
    for at in range(len(data) + 1):
        if value := value_at(data, at):
            assert at <= value.span.start < value.span.end <= len(data)
            assert named(data, value, WORDS).span == value.span
            around = word_around(data, value.span)
            assert around.start <= value.span.start
            assert value.span.end <= around.end <= len(data)
        if secret := password_at(data, at):
            assert at <= secret.span.start < secret.span.end <= len(data)


HOSTILE = (
    *(
        'key="',
        "a=b=c",
        "secret",
        "token ",
        "token.",
        "token=",
        '"',
        "'",
        "\\",
        '\\"',
        "(",
        "<",
        "</",
        "-",
        "--",
        "name: ",
    ),
    *("\n", '{"name":"', '{"value":"', "value ", "default ", "bearer ", "[1]", "&a ", "!a ", "<<E\n", "password", "é"),
    *("password: ", "x" * 40 + "=", "$", "$a", "a ", "A", "_", ";", ":", " = ", "password[", "password: str = ", "}"),
    'key "a" ',
    *("{", "a:{", "tokens: {", "tokens:\n ", "[tokens]\n", "q{", "%q(", "a(", "a.b(", "a::b(", "a=b(", "().a"),
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_megabyte_costs_no_more_than_a_kilobyte(unit: str) -> None:
    """Work is counted, not timed: what is looked at around a value does not grow with its line."""

    def work(size: int) -> int:
        calls = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        data = (unit * (size // len(unit.encode()) + 1)).encode() + VALUE.encode() + b'"' + unit.encode() * 40
        at = data.index(VALUE.encode())
        sys.setprofile(count)
        try:
            if value := value_at(data, at):
                named(data, value, WORDS)
                word_around(data, value.span)
            password_at(data, at)
        finally:
            sys.setprofile(None)
        return calls

    small, large = work(1 << 10), work(1 << 20)
    assert large <= 1.2 * small + 20
    assert large < 12 * REACH


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_place_takes_long(unit: str) -> None:
    """What the count above cannot see: patterns that backtrack. A place takes 0.2 ms; 50 times that is allowed."""
    data = (unit * (2000 // len(unit.encode()) + 1)).encode()
    started = time.process_time()
    for at in range(1000, 1400):
        if value := value_at(data, at):
            named(data, value, WORDS)
            word_around(data, value.span)
        password_at(data, at)
    assert time.process_time() - started < 400 * 0.01
