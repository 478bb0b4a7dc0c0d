"""What stands in a secret's place and leads to it: templates, stores of secrets, encrypted values, files and code.

Everything here is told by the form of the value alone, in linear time; the callers bound its length.
A generated value must not have such a form by chance, so whatever is not marked by punctuation that tokens lack (`${`,
`://`, `->`) has to consist of words as well; `wordlike`, which the callers of `leads_elsewhere` pass in, decides that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# --- filled in later

# The first group may appear anywhere in a value; the second must be the whole value, since a generated password may
# contain a `<`, `$` or `@` by chance.
_TEMPLATE_INSIDE = rb"""(?x)
    \$\{[^{}]{1,120}\}            # ${X}: shell, Maven, JavaScript, GitHub's ${{ x }} is next
  | \{\{[^{}]{0,120}\}\}          # {{ x }}: Jinja, Mustache, Helm, Go, CloudFormation's {{resolve:x}}
  | \{%[^%]{1,120}%\}             # {% x %}: Jinja statements
  | [\#%]\{[ ]?[A-Za-z_$@][\w.:'"()\[\],|&?!=>+ -]{0,120}\}  # #{x}: Ruby, Octopus; %{x}: Puppet, Hiera
  | \$\([A-Za-z_][^()]{0,120}\)   # $(x): make, shell, Azure Pipelines
  | \$\[\[?[ ]?[A-Za-z_][\w.:'"(), -]{1,120}\]  # $[x]: Azure Pipelines; $[[ x ]]: GitLab
  | %\([A-Za-z_]\w{0,60}\)[sdr]   # %(x)s: Python
  | <%[^%]{1,120}%>               # <%= x %>: ERB, EJS
  | <\?(?:php|=)[^?]{0,120}       # <?= $x ?>: PHP
  | \[\[[ ]?[A-Za-z$.][\w. -]{1,60}\]\]  # [[x]]
  | \[%[^%]{1,120}%\]             # [% x %]: Template Toolkit
  | \xc2\xab[^\xc2]{0,200}(?:\xc2\xbb|\Z)  # the sample marks of our own packs (docs/packs.md)
"""
_TEMPLATE_WHOLE = rb"""(?xs)
    <[A-Za-z][^<>]{0,200}>        # <your token>
  | <<[A-Za-z][^<>]{0,200}>>
  | \[[A-Za-z][A-Za-z _-]{2,60}\] # [YOUR TOKEN]
  | \[[A-Za-z]{3,40}\(.{0,400}    # [parameters('x')]: Azure Resource Manager
  | %[A-Za-z_]\w{1,60}%           # %X%: cmd
  | ![A-Z_]{2,60}!                # !X!: cmd, delayed
  | \$[A-Za-z_][A-Za-z_]{1,60}    # $X: shell, PHP
  | \$[A-Z][A-Z0-9_]{1,60}
  | (?:\$(?:[A-Z][A-Z0-9_]{1,60}|[a-z_]{2,60}\d?)[-./:@+]{1,3}){1,6}\$(?:[A-Z][A-Z0-9_]{1,60}|[a-z_]{2,60}\d?)  # $X-$Y
  | \$[A-Za-z_]\w{0,60}(?:\.[A-Za-z_]\w{0,60}){1,6}  # $x.y: PowerShell
  | \$(?:env|global|script|using):\w{1,60} # PowerShell
  | \{\$?[A-Za-z_]?[\w.]{0,60}\}  # {x}: Python, .NET; {$x}: Smarty
  | (?:[\w-]{0,20}[:=])?%[sdvrq@] # %s: printf
  | __[A-Za-z][A-Za-z0-9_]{1,60}__
  | @@?[A-Za-z][A-Za-z0-9_.]{1,60}@@? # @X@: autoconf, Maven
  | !(?:Ref|Sub|GetAtt|vault|secret)\b.{0,200}
  | \#\#?[A-Z_]{2,60}\#\#?        # #X#, ##X##
  | \$(?:\{\{?|\()[^})]{0,400}    # a template that its reader has cut short
  | \.{3,} | \xe2\x80\xa6         # an ellipsis, in ASCII or UTF-8
"""


def is_template(value: bytes) -> bool:
    """Whether a value is filled in later: `${X}`, `{{ x }}`, `<x>`, `%X%`, `$(x)`, `%(x)s`, `#{x}`, `__X__`, `@X@`."""
    if value.isalnum():
        return False
    return bool(re.search(_TEMPLATE_INSIDE, value) or re.fullmatch(_TEMPLATE_WHOLE, value))


# --- kept in a store

# Looked up by code or a configuration language: the beginning of the value says so.
_LOOK_UP = rb"""(?x)
    (?:process|import\.meta|Deno|Bun)\.env\b | os\.(?:environ|getenv)\b | System\.(?:getenv|get_env|getProperty)\b
  | (?:std::)?env::var | (?:os\.)?(?:lookup)?getenv\( | os\.(?:Getenv|LookupEnv)\( | (?:ENV|\$_ENV|\$_SERVER)\[
  | ENV\.fetch\b | Environment\.GetEnvironmentVariable | Application\.(?:get_env|fetch_env)
  | (?:config|env|settings|secrets?|credentials?|vault|lookup|hiera|get_secret|getSecret|resolve|var|file|param
      |parameters?|variables?|keyring|getpass|prompt|input|read_secret|readFile|readFileSync|decouple|option|setting)
    (?:\(|\[)
  | (?:secrets?|vars?|env|inputs?|github|steps|needs|local|data|module|each|self|this|settings|config|cfg|conf|options
      |opts|args|params|props|context|ctx|event|req|request|res|response|credentials?|creds|user|account|kwargs|app
      |process|import\.meta|Rails|random_password|process|ansible|inventory|terraform|stackReference|pulumi)
    \.[A-Za-z_$][\w$.\[\]()'",:? -]{0,200}$
  | arn:aws[\w-]{0,10}:(?:secretsmanager|ssm|kms): | projects/[\w.-]{1,60}/secrets/ | @Microsoft\.KeyVault\(
  | https://[\w-]{1,60}\.vault\.(?:azure|usgovcloudapi)\.(?:net|cn)/ | [a-z][a-z_]{1,30}:opaque-
  | (?:kv|secret|secrets|cubbyhole|transit|ssm|auth)/(?:data/)?[A-Za-z][\w./-]{1,200}(?:[\#:]\w{1,60})?$
"""

# A store's own scheme, with or without slashes: `op://vault/item/field`, `akv:name`. Of the stores' documentation:
# 1Password, HashiCorp Vault and Consul, Azure Key Vault, Google Secret Manager, AWS SSM and Secrets Manager, Akeyless,
# Delinea DSV, Bitwarden, Doppler, Infisical, Berglas, Conjur, Keeper, LastPass, gopass, vals and helm-secrets (`ref+`).
_STORES = rb"""(?x)
    (?:op|vault|hcvault|hashivault|bao|openbao|ssm|awsssm|aws-ssm|sops|sm|gsm|gcpsm|gcpsecrets|gcp-secret|gcp-sm|akv|kv
      |azkv|azurekeyvault|keyvault|azure-kv|awssm|awssecretsmanager|awssecrets|secretsmanager|aws-sm|asm|k8s|kubernetes
      |consul|akeyless|dsv|tss|bws|bw|bitwarden|keyring|keychain|gopass|passwordstore|doppler|infisical|berglas|conjur
      |cyberark|keeper|ksm|lastpass|lpass|pulumi|chamber|credstash|vals|ref|secretref|secretRef|env|envvar|file
      |awskms|gcpkms|azurekms|kms|yandexlockbox|lockbox|ibmsm|oci-vault|ocivault|teller|delinea|thycotic|passbolt
      |spacelift|scaleway|evidence|sample|ticket|audit|runbook|git|workflow|share|cavra)://
  | (?:op|vault|hcvault|hashivault|bao|ssm|awsssm|sops|sm|gsm|gcpsm|akv|kv|azkv|keyvault|awssm|secretsmanager|asm|k8s
      |consul|akeyless|dsv|tss|bws|bw|doppler|infisical|berglas|conjur|ksm|lastpass|gopass|vals|ref|env|secret|secretref
      |file|encrypted|cipher|enc|awskms|gcpkms|kms|keyring|keychain|passwordstore|bitwarden|keepass|keepassxc|cyberark
      |lastpass|lpass|1password|onepassword|delinea|thycotic|passbolt):[A-Za-z/]
  | pass:[A-Za-z][\w.-]{0,60}/                        # pass; openssl's `pass:` has the password behind it
  | (?:bws|akeyless|dsv|tss):[\w/] | ref\+[a-z0-9]{2,30}:// | secret(?:ref)?:/{0,2}[a-z]
"""

# YAML: an alias, and tags that read the value from elsewhere. `!unsafe`, Ansible's literal, is not among them.
_TAG_NAME = rb"!(?!unsafe\b|str\b|binary\b|literal\b)[A-Za-z][\w:/.-]{0,60}"
_TAG = _TAG_NAME + rb"[ \t]+[^\s].{0,400}"


# Words that say where a value is, beside one that names a store: `DB_PW_FROM_VAULT`, `see-vault-entry-2`.
_STORE_WORDS = frozenset(
    b"""
    vault keyvault keychain keyring keepass keepassxc bitwarden 1password onepassword lastpass cyberark conjur
    secretmanager secretsmanager ssm kms doppler infisical sops
    """.split()
)
_POINTING_WORDS = frozenset(
    b"from see in via by at stored kept lookup fetched loaded read get managed use entry ref reference".split()
)


def _says_where(value: bytes) -> bool:
    words = re.split(rb"[-_ ./:]+", value[:120].lower())
    return not _STORE_WORDS.isdisjoint(words) and not _POINTING_WORDS.isdisjoint(words)


def is_store(value: bytes) -> bool:
    return bool(
        re.match(_STORES, value)
        or re.match(_LOOK_UP, value)
        or re.fullmatch(_TAG, value, re.DOTALL)
        or _says_where(value)
    )


# --- encrypted: without the key, which is elsewhere, it opens nothing

# What stands before a ciphertext or a hash and says how it was made: Spring Cloud Config, WebLogic, LDAP (RFC 2307),
# Atlassian; AWX, Zabbix and others. `{noop}` and `{xor}` are not among them: anybody can read what follows.
_METHOD = (
    rb"(?:x-)?(?:cipher|enc|encrypted|crypt|crypted|sealed|a?es-?\d{0,3}(?:-?[cg][bc][cm])?|[3t]?des|rsa|gpg|pgp|kms"
    rb"|s?sha-?\d{0,3}|s?md5|bcrypt|scrypt|argon2\w{0,2}|pbkdf2[\w-]{0,10}|pkcs5s2)"
)
_SCHEME = rb"(?i:\{%(m)s\}|\$%(m)s\$|(?<![\w.-])(?:crypt|crypted|encrypted|ciphertext):)" % {b"m": _METHOD}

_ENCRYPTED = rb"""(?x)
    ENC\[ | ENC\( | ENC\{                            # SOPS (AES256_GCM), hiera-eyaml (PKCS7, GPG), Jasypt
  | \$ANSIBLE_VAULT; | \$CRYPT; | EJ\[\d:            # Ansible; ejson
  | v\d:[A-Za-z0-9+/]{16}:[A-Za-z0-9+/=]{16}         # Pulumi: nonce of 12 bytes, ciphertext
  | v\d:[A-Za-z0-9+/]{11}=:v\d:                      # and its salt
  | AAABA[A-Za-z0-9+/]{30}                           # by its service
  | encrypted:[A-Za-z0-9+/]                          # dotenvx
  | -----BEGIN[ ](?:AGE[ ]ENCRYPTED[ ]FILE|PGP[ ]MESSAGE|PKCS7|CMS|ENCRYPTED[ ]MESSAGE)-----
  | YWdlLWVuY3J5cHRpb24ub3JnL3 | age-encryption\.org/v1  # age
  | LS0tLS1CRUdJTiBBR0Ug | LS0tLS1CRUdJTiBQR1AgTUVTU0FHRS  # base64 of the two armors
  | (?:hQ[EIG]MA|hIwD|hF4D|wc[BF]MA|wV4D)[A-Za-z0-9+/_-]{90}  # OpenPGP: a session key packet
  | \x00GITCRYPT\x00 | AEdJVENSWVBU                  # git-crypt
  | AQ[IE][CD]AH[a-zA-Z0-9+/]{40}                    # AWS KMS: a ciphertext or a data key
  | CiQA[A-Za-z0-9+/_-]{76}                          # Google Cloud KMS
  | Ag[A-D][A-Za-z0-9+/]{200}                        # Sealed Secrets: 512 bytes of session key, two of length
  | U2FsdGVkX1[89+/][A-Za-z0-9+/=]{12}               # OpenSSL's "Salted__"
  | gAAAAA[A-Za-z0-9_-]{90}                          # Fernet
"""
# Rails' encrypted credentials and messages: data, nonce of 12 bytes and tag of 16, each in base64.
_RAILS = rb"[A-Za-z0-9+/=]{20,512}--[A-Za-z0-9+/]{16}--[A-Za-z0-9+/]{22}=="


def is_encrypted(value: bytes) -> bool:
    """Whether a value is ciphertext in the form of a tool that keeps the key elsewhere."""
    return bool(re.match(_ENCRYPTED, value) or re.match(_SCHEME, value) or re.fullmatch(_RAILS, value))


# --- what the bytes right before a value say of it

_BEFORE = re.compile(
    rb"""(?x)
    (?:
        %(scheme)s (?:[\w+/=.,-]{1,60}\$){0,3}
      | ENC[\[({] (?:[\w-]{1,20}[,:])?
      | (?<=[:-][ ]) %(tag)s [ \t]* \s [ \t]* ["']?
      | \bFn::\w{1,30} \\?["']? \s? : \s? \[? \\?["']?
    )\Z
    """
    % {b"scheme": _SCHEME, b"tag": _TAG_NAME}
)
_DIGEST_BEFORE = re.compile(rb"(?<![A-Za-z0-9])(?:h1|md5|sha-?\d{1,3}|blake[23]\w{0,2})[:-]\Z")
_PATH_BEFORE = re.compile(rb"[\w.-]/[\w./-]{1,200}@\Z")
_REVISION = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")
MOST_BEFORE = 240
"""Bytes before a value that are looked at."""


def told_before(before: bytes, value: bytes) -> str:
    """What the bytes before a value say that it is, in a few words; "" when they say nothing.

    Such as `{cipher}`, YAML's `!vault `, `h1:` in a go.sum, and `owner/repository@` before a commit. before: at most
    `MOST_BEFORE` bytes.
    """
    if _BEFORE.search(before):
        return "encrypted, or kept elsewhere"
    if _DIGEST_BEFORE.search(before):
        return "digest"
    if before.endswith(b"@") and _REVISION.fullmatch(value) and _PATH_BEFORE.search(before):
        return "revision"
    return ""


# --- a file

_EXTENSIONS = (
    rb"asc age bin bundle cer cert cfg conf cred creds crt cs csr csv dat der enc env gpg gz html ini java jks js json"
    rb" jsonc jwk jwks kdbx key keystore keytab log md netrc p12 p7b p8 pass passwd password pem pfx php pkcs12 ppk"
    rb" properties pub pwd py rb rego secret secrets sh sig sql tf tfvars token toml truststore ts txt vault xml ya?ml"
).replace(b" ", b"|")
_FILE = (
    rb"""(?xi)
    (?:\.{1,2}|~[\w-]{0,30})[/\\][\w.@+,/\\ =-]{1,400}          # ./x, ../x, ~/x
  | @(?:\.{0,2}|~)/?[\w./-]{0,400}/[\w./-]{1,200}               # @path: curl, gcloud
  | [A-Z]:[/\\]{1,2}[\w.@+,/\\ ()-]{1,400} | \\\\[\w.-]{1,60}\\[\w.$\\ -]{1,400}   # C:\x, \\host\share
  | @?[\w.@+,/\\ ()-]{1,400}\.(?:"""
    + _EXTENSIONS
    + rb""")     # x.pem
"""
)
_ROOTS = (
    rb"/(?:app|apps|boot|certs?|conf|config|creds|credentials|data|dev|etc|home|keys?|Library|media|mnt|opt|private|proc"
    rb"|root|run|secrets?|srv|sys|tmp|Users|usr|var|vault|vagrant|Volumes|workspace)/[\w.@+,/ -]{1,400}"
)


def _is_file(value: bytes) -> bool:
    return re.fullmatch(_ROOTS, value) is not None or re.fullmatch(_FILE, value) is not None


# --- code

_IDENTIFIER = rb"[A-Za-z_$][\w$]{0,60}"
_CODE = rb"""(?xs)
    (?P<chain>&?\*?\$?%(id)s(?:\??\.%(id)s){1,12}[?!]?)(?:\[.{0,300})?  # a.b.c, a.b[x]
  | %(id)s(?:\??\.%(id)s){1,12}\(.{0,300}\)(?:\.%(id)s|\[\d\])?[;,]?  # a.b(x).c(y)
  | (?P<call>(?:new[ ]|await[ ]|&)?[A-Za-z_$][\w$]{2,60})\(.{0,300}\)\)?[;,]?                    # f(x)
  | [$@]?%(id)s(?:\.%(id)s){0,6}\[[ ]?["':][\w.:/ -]{1,80}["']?[ ]?\].{0,100}     # a["x"]
  | @?\{[a-z]{3,30}\(.{1,200}\)\} | @[a-z]{3,30}\(['"].{1,200}   # @{f('x')}: Azure Logic Apps
  | [$]?%(id)s(?:(?:->|::)%(id)s){1,12}(?:[\[(].{0,200})?                         # $a->b, A::B
  | [*@:&](?P<of>(?:[a-z_]|[A-Z][A-Z_])[\w-]{2,80})                                 # *alias, @field, :symbol
  | (?:["'][ ]?[+.&][ ]?|[+.&][ ])(?P<joined>[$]?%(id)s(?:\.%(id)s){0,6}(?:\(\))?)[ ]{0,2}(?:[+.&].{0,99})?  # "+ x +"
  | \$(?P<variable>[A-Za-z_][\w.]{2,80})                                          # $x2
""".replace(b"%(id)s", _IDENTIFIER)
_TYPE = rb"""(?x)
    (?:Optional|Option|Maybe|List|Vec|Array|Set|Sequence|Dict|Map|Promise|Future|Nullable|Union|Literal|Annotated|Ref
      |Field|Output|Input|Secret|Arc|Box|Rc|Cow|Result|Supplier|Type)[<\[][\w\s,.|<>\[\]&':]{1,120}
  | &'?(?:static[ ]|[a-z][ ])?(?:mut[ ])?(?:str|String|\[u8\]) | (?:std::)?(?:string|wstring|string_view)[&*]?
  | \[\d{0,3}\](?:byte|string|u8) | \*?(?:str|string|char|String|bytes)\??(?:\[\d{0,4}\])?[*&]?
  | [A-Za-z]{3,30}(?:[ ]?\|[ ]?(?:null|None|undefined|[A-Za-z]{3,30})){1,4}
  | (?:var)?char\(\d{1,5}\) | VARCHAR2?\(\d{1,5}\) | (?:(?:CHAR|TEXT|VARCHAR)(?:\(\d+\))?[ ])?NOT[ ]NULL
"""


def _is_code(value: bytes, wordlike: Callable[[bytes], bool]) -> bool:
    """Whether it is an expression or a type: a call, an attribute, an element, a variable, an alias."""
    if re.fullmatch(_TYPE, value):
        return True
    match = re.fullmatch(_CODE, value)
    if match is None:
        return False
    named = match["chain"] or match["call"] or match["of"] or match["joined"] or match["variable"]
    return named is None or wordlike(re.sub(rb"(?<!\d)\d{1,2}(?!\d)", b"", named.strip(b"&*$?!")))


def leads_elsewhere(value: bytes, wordlike: Callable[[bytes], bool]) -> str:
    """Where a value leads, in a few words; "" when it leads nowhere.

    wordlike: whether an identifier consists of words rather than of random letters.
    """
    if is_encrypted(value):
        return "encrypted"
    if value.isalnum():  # as most tokens are
        return ""
    if is_store(value) or _is_code(value, wordlike):
        return "reference to a secret kept elsewhere"
    return "file" if _is_file(value) else ""
