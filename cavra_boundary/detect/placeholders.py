"""Placeholders, which are not secrets but are written in their place: the only list and grammar of them.

Many rules call `placeholder_reason`, so it runs its checks in order of cost, and looks only at a value's form:

1. too short, a template reference (`${X}`, `{{x}}`, `<your-key>`), a pointer to where the secret really is (`op://…`,
   `process.env.X`, `secrets.X`), or a phrase such as `changeme` or `EXAMPLE` anywhere in it;
2. filler: repeated characters, alphabet and keyboard runs, a repeated unit;
3. words: identifiers, dotted expressions, paths and prose with the letter pairs of English.

Random tokens must pass: nothing here may call more than one in a thousand random tokens of 20 or more characters
(hex, base32, base62, base64) a placeholder; tests/detect/test_placeholders.py measures it.
"""

from __future__ import annotations

import itertools
import re
from functools import cache

# Placeholders are short, so only this much of a value is checked, which bounds the cost.
_LOOKED_AT = 512
_SHORTEST_SECRET = 4

# Template references. The first group may appear anywhere in a value; the second must be the whole value, since a
# generated password may contain a `<`, `$` or `@` by chance.
_TEMPLATE_INSIDE = rb"""(?x)
    \$\{[^{}]{1,120}\}            # ${X}: shell, Maven, JavaScript, GitHub's ${{ x }} is next
  | \{\{[^{}]{0,120}\}\}          # {{ x }}: Jinja, Mustache, Helm, Go
  | \{%[^%]{1,120}%\}             # {% x %}: Jinja statements
  | \#\{[^{}]{1,120}\}            # #{x}: Ruby, Octopus
  | \$\([A-Za-z_][^()]{0,120}\)   # $(x): make, shell, Azure Pipelines
  | %\([A-Za-z_]\w{0,60}\)[sdr]   # %(x)s: Python
  | <%[^%]{1,120}%>               # <%= x %>: ERB
  | \[\[[a-z][\w. -]{1,60}\]\]    # [[x]]
  | \xc2\xab[^\xc2]{0,200}(?:\xc2\xbb|\Z)  # the sample marks of our own packs (docs/packs.md)
"""
_TEMPLATE_WHOLE = rb"""(?xs)
    <[A-Za-z][^<>]{0,200}>        # <your token>
  | \[[A-Za-z][A-Za-z _-]{2,60}\] # [YOUR TOKEN]
  | %[A-Za-z_]\w{1,60}%           # %X%: cmd
  | \$[A-Za-z_][A-Za-z_]{1,60}    # $X: shell, PHP
  | \$[A-Z][A-Z0-9_]{1,60}
  | \$env:\w{1,60}                # PowerShell
  | \{[A-Za-z_]?[\w.]{0,60}\}     # {x}: Python, .NET
  | (?:[\w-]{0,20}[:=])?%[sdvrq@] # %s: printf
  | __[A-Za-z][A-Za-z0-9_]{1,60}__
  | @[A-Za-z][A-Za-z0-9_.]{1,60}@ # @X@: autoconf, Maven
  | !(?:Ref|Sub|GetAtt|vault|secret)\b.{0,200}
  | \#\#?[A-Z_]{2,60}\#\#?        # #X#, ##X##
  | \.{3,} | \xe2\x80\xa6         # an ellipsis, in ASCII or UTF-8
"""

_REFERENCE = rb"""(?x)
    (?:process|import\.meta|Deno|Bun)\.env\b | os\.(?:environ|getenv)\b | System\.(?:getenv|get_env|getProperty)\b
  | (?:std::)?env::var | getenv\( | (?:ENV|\$_ENV|\$_SERVER)\[ | ENV\.fetch\b | Environment\.GetEnvironmentVariable
  | (?:config|env|settings|secret|secrets|vault|lookup|get_secret|getSecret|resolve|var|file)(?:\(|\[)
  | (?:secrets?|vars?|env|inputs?|github|steps|needs|local|data|module|self|this|settings|config|cfg|options|args
      |params|props|context|ctx|event|req|request|res|response|credentials?|creds|user|account|kwargs)\.[A-Za-z_$][\w$.\[\]()'"-]{0,200}$
  | (?:op|vault|ssm|sops|sm|akv|azurekeyvault|gcp-secret|awssm|secretsmanager|aws-sm|keyring|keychain|pass|doppler
      |infisical|bws|berglas|ref|secretref|env|file|evidence|sample|ticket|audit|runbook|git|workflow|share|cavra)://
  | (?:vault|ssm|env|secret|secretref|file|encrypted|cipher|enc|awskms|kms|op|ref):[A-Za-z/]
  | [a-z][a-z_]{1,30}:opaque-
  | arn:aws[\w-]{0,10}:(?:secretsmanager|ssm|kms):
  | projects/[\w-]{1,60}/secrets/
  | @Microsoft\.KeyVault\( | ENC\[ | \$ANSIBLE_VAULT;
"""

_PHRASE = rb"""(?x)
    example | change[-_ .]?(?:me|it|this|now) | placeholder | redacted | dummy | (?<![a-z])sample(?![a-z]) | sanitized
  | (?<![a-z0-9])(?:replace|insert|enter|put|paste|add|fill|use|set|provide|specify|type)[-_ ]
      (?:me|with|this|your|the|in|here|an?|real|own)(?![a-z0-9])
  | (?:replace|insert|enter|paste)(?:me|with|your|here)
  | (?<![a-z0-9])(?:your|my|our|some|any)[-_ ]
  | (?<![a-z])your(?:own|api|app|auth|pass|token|secret|key|domain|user|name|client|account)
  | [-_ .](?:goes[-_ ])?here\b | (?<![a-z0-9])(?:todo|fixme|tbd|xxx|n/a)(?![a-z0-9])
  | not[-_ ]?(?:a[-_ ]|an[-_ ])?(?:real|secret|valid|used|needed|set|so[-_ ]?secret)
  | (?<![a-z0-9])fake(?![a-z0-9]) | foobar
  | do[-_ ]?not[-_ ]?(?:use|commit|share) | (?<![a-z])masked(?![a-z]) | (?<![a-z])(?:invalid|bogus|mock|stub)(?:[-_ ]|$)
  | x{6} | \*{3} | (?:\xe2\x80\xa2){2} | \.\.\.
"""

# Words that say "a secret goes here" or "not a secret": a value of only these, digits and English is not a secret.
_WORDS = frozenset(
    b"""
    a abc access account acct admin admin1 administrator alice an and anon anonymous any api apikey app application are
    at auth authentication authorization aws azure backend bar base64 basic baz bearer blank bob bool by bytes cert
    certificate change changeit ci cid cipher client code confidential config conn connection cookie correct cred
    credential credentials crypto csrf customer data database db decrypt default demo dev development digest disabled
    django do doe dsn elastic email empty enabled encoded encrypt encrypted encryption enter entropy env environment
    false field file fixture flask foo for frontend from gcp generate generated github gitlab good google grafana guest
    hash header hello here hex hidden host hmac http https id identity idp in input insecure int integer internal is it
    iv jane jdbc jenkins john json jwt key keycloak keys kubernetes ldap letmein license licence local localhost login
    long lorem ipsum mail master me md5 minio minioadmin missing mongo mongodb my mysql mypassword mysecret name nil no
    node none nonce not npm null number oauth oauth2 of off omitted on openai openid option optional or oracle org our
    pass passphrase passwd password passwords passwort path payload pem personal phrase pin placeholder plain plaintext
    please postgres postgresql private prod production project proxy public publishable pw pwd pypi qa quux qux rabbit
    rabbitmq random raw read real redis ref refresh registry removed required role root rsa s3 salt sample sandbox
    secret secretkey secrets secure security sendgrid sensitive server service session sha1 sha256 sha512 shared sign
    signature signing slack smtp spam eggs sql ssh sso ssl stage staging state str string stripe strong super
    supersecret superuser system temp tenant test test1 testing tester testpass testpassword tests text that the this
    tls to token tokens topsecret tls true twilio type undefined unique unknown unsafe unset uri url use user username
    users uuid val value var variable vault very webhook webhooks welcome with wordpress world write xxx xyz you your
    bin by c cfg conf crt csr d etc fetch find get has home ini js keystore lib load me mnt opt pfx p12 run set src tmp
    toml ts txt usr xml yaml yml
    """.split()
)
_LEET = bytes.maketrans(b"@4310$5!7", b"aaeiossit")

# Runs that people type and manuals print, in either direction.
_RUNS = b"""
    0123456789012345678901234567890 abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz qwertyuiop asdfghjkl zxcvbnm
    qwertzuiop azertyuiop 1q2w3e4r5t6y7u8i9o0p abc123def456ghi789jkl
    """.split()
_HEX_WORDS = b"deadbeef cafebabe feedface badc0ffee c0ffee baadf00d 8badf00d cafed00d deadc0de".split()
_SHORTEST_RUN = 3

# The most common pairs of letters in English, most frequent first (P. Norvig, "English Letter Frequency Counts: Mayzner
# Revisited", 2012, table of bigrams). Words consist of them; random letters do only by chance.
_BIGRAMS = frozenset(
    b"""
    th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne
    ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa
    ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp
    fe bl ab gh ty op wo sa ay ex ke fr oo av ag if ap gr od bo sp rd do uc bu ei ov by rm ep tt
    """.split()
)

_SEPARATORS = b" \t\n-_./\\:,;|"
_WORD = rb"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_WORDLIKE = rb"[A-Za-z0-9 \t\n_./\\:,;'!?()\[\]\"$>|-]+"
_URL = rb"(?i)[a-z][a-z0-9+.-]{1,20}://([^/?#\s]*)(\S*)"
_TOKEN_RUN = rb"(?=[A-Za-z_-]{0,200}\d)(?=[\d_-]{0,200}[A-Za-z])[A-Za-z0-9_-]{20,}"


def is_template(value: bytes) -> bool:
    """Whether a value is filled in later: `${X}`, `{{ x }}`, `<x>`, `%X%`, `$(x)`, `%(x)s`, `#{x}`, `__X__`, `@X@`."""
    value = value[:_LOOKED_AT].strip()
    return bool(re.search(_TEMPLATE_INSIDE, value) or re.fullmatch(_TEMPLATE_WHOLE, value))


def placeholder_reason(value: bytes) -> str:
    """Why a value in a secret's place is not a secret, in a few words; "" when it looks real."""
    value = value[:_LOOKED_AT].strip().strip(b"\"'`")
    if len(value) < _SHORTEST_SECRET:
        return "too short"
    if is_template(value):
        return "template reference"
    if re.match(_REFERENCE, value):
        return "reference to a secret kept elsewhere"
    if re.search(_PHRASE, value.lower()):
        return "placeholder phrase"
    if _is_filler(value):
        return "filler characters"
    if _is_plain_url(value):
        return "address without credentials"
    if _is_words(value):
        return "plain words"
    return ""


def _is_filler(value: bytes) -> bool:
    """Whether at least two thirds are repeated characters, alphabet or keyboard runs, or one unit repeated."""
    bare = value.lower().translate(None, _SEPARATORS)
    if len(set(bare)) <= 2:
        return True
    period = (bare + bare).find(bare, 1)
    if len(bare) >= 8 and period <= len(bare) // 2:
        return True
    for word in _HEX_WORDS:
        bare = bare.replace(word, b"aaaaaaaa")
    return 3 * _run_length(bare) >= 2 * len(bare)


def _run_length(value: bytes) -> int:
    """How many characters belong to runs of three or more: `aaa`, `345`, `cba`, `asdf`."""
    steps = _steps()
    total, run, kind = 0, 1, -1
    for pair in itertools.pairwise(value):
        step = steps.get(pair, -1)
        if step >= 0 and (step == kind or run == 1):
            run += 1
        else:
            total += run if run >= _SHORTEST_RUN else 0
            run = 2 if step >= 0 else 1
        kind = step
    return total + (run if run >= _SHORTEST_RUN else 0)


@cache
def _steps() -> dict[tuple[int, int], int]:
    """Neighbors inside a run -> which run: 0 for a repeated character, then each of `_RUNS` forward and backward."""
    steps: dict[tuple[int, int], int] = {(char, char): 0 for char in range(256)}
    for number, run in enumerate((*_RUNS, *(run[::-1] for run in _RUNS)), start=1):
        for pair in itertools.pairwise(run):
            steps.setdefault(pair, number)
    return steps


def _is_plain_url(value: bytes) -> bool:
    """Whether it is a URL without a password or anything like a token in it."""
    match = re.fullmatch(_URL, value)
    return match is not None and b":" not in match[1].rpartition(b"@")[0] and not re.search(_TOKEN_RUN, value)


def _is_words(value: bytes) -> bool:
    """Whether it is made of words: an identifier, a dotted expression, a call, a path, prose.

    Every word is one of `_WORDS` or made of letters; at most a third of the words are numbers (`oauth2_token`,
    `db-1`), and the letter pairs as a whole are those of English. One unknown word with digits or
    punctuation (`hunter2`, `Summer2024!`) is a weak password, not a placeholder.
    """
    lowered = value.lower()
    stem = lowered.rstrip(b"0123456789!?.#*")
    if lowered in _WORDS or stem in _WORDS or lowered.translate(_LEET).rstrip(b"0123456789!i?") in _WORDS:
        return True
    if not re.fullmatch(_WORDLIKE, value):
        return False
    words = re.findall(_WORD, value)
    numbers = [word for word in words if word.isdigit()]
    letters = [word.lower() for word in words if not word.isdigit()]
    if not letters or 3 * len(numbers) > len(words) or any(len(number) > 4 for number in numbers):
        return False
    unknown = [word for word in letters if word not in _WORDS]
    if not unknown:
        return True
    if numbers and len(letters) == 1:
        return False
    # camelCase cuts random letters into pieces of two on average, and words into pieces of six.
    if sum(map(len, unknown)) < 3.5 * len(unknown):
        return False
    pairs = [word[at : at + 2] for word in unknown for at in range(len(word) - 1)]
    return 5 * sum(pair in _BIGRAMS for pair in pairs) >= 3 * len(pairs)
