"""Names of secrets, put together from owners and nouns, in the spellings that programs, files and people use.

No rule refers to an owner: the companies are invented, and the services are called after things. A test compares both
lists with the packs. The nouns say what the value is; they are more than English, and some are abbreviations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from cavra_boundary.rules.samples import Dice

COMPANIES = tuple(
    """
    Abrellund Bexquora Caldimere Dovrantis Elquivo Fennaliq Gormazia Halvenor Ibbisto Jorquell Kvalinto Lumbrezia Mirquado
    Nobrixel Ostrevia Plinquar Quavelor Rundolvo Sibbarun Tarquenza Ulvendra Vostrimar Wexoldin Ybrantha Zelquino Brimvask
    Cloverunt Drazzlome Ektavora Flonquist Grendovia Hozzalin Inkvarro Jubbelmo Krostavia Luvandrel Morbliqua Nixtarra
    Orvandello Pexomira Quorbline Ravvindor Skelmorin Trovanex Umbriqua Vellodrin Wumblatic Xandorvia Yorvelline Zimbrado
    """.split()  # noqa: SIM905
)
SERVICES = tuple(
    """
    parcel thermostat orchard lighthouse sundial granary ferry ledger cobbler carpool bakery balcony reservoir
    kiosk warehouse payroll roster newsletter telescope aquarium elevator jetty glacier lantern meadow pantry quarry
    sawmill trolley viaduct windmill trellis marina gazebo
    """.split()  # noqa: SIM905
)


class Noun(NamedTuple):
    """The last words of a name. kind: what tables list it under."""

    words: tuple[str, ...]
    kind: str


def _nouns(kind: str, listed: str) -> tuple[Noun, ...]:
    return tuple(Noun(tuple(words.split()), kind) for words in listed.split(","))


LANGUAGES = (
    "German",
    "French",
    "Spanish",
    "Portuguese",
    "Italian",
    "Dutch",
    "Polish",
    "other languages",
    "other scripts",
)
ABROAD = 6

SECRETS = (
    *_nouns("token", "token,access token,auth token,api token,refresh token,bearer token,bot token,deploy token"),
    *_nouns("token", "session token,service token,personal access token,webhook token,token value,authorization token"),
    *_nouns(
        "secret", "secret,client secret,app secret,api secret,webhook secret,shared secret,signing secret,secret value"
    ),
    *_nouns("secret", "consumer secret,hmac secret,secret key base,cookie secret,oauth secret,jwt secret,secrets"),
    *_nouns(
        "key", "api key,secret key,access key,private key,encryption key,signing key,master key,auth key,account key"
    ),
    *_nouns("key", "apikey,write key,server key,license key,consumer key,cipher key,cookie validation key,hmac key"),
    *_nouns("bare key", "key"),
    *_nouns(
        "other", "credential,credentials,auth,bearer,signature key,sas,pat,dsn secret,creds,authorization,api pass"
    ),
    *_nouns("German", "geheimnis,zugangsschlüssel,geheimer schlüssel,zugriffstoken"),
    *_nouns("French", "jeton,clé secrète,cle api,jeton accès"),
    *_nouns("Spanish", "clave secreta,clave api,token acceso,secreto"),
    *_nouns("Portuguese", "chave secreta,chave api,token acesso,segredo"),
    *_nouns("Italian", "chiave segreta,chiave api,segreto"),
    *_nouns("Dutch", "geheime sleutel,toegangstoken,api sleutel"),
    *_nouns("Polish", "klucz api,sekret,tajny klucz"),
    *_nouns("other scripts", "токен,секретный ключ,密钥,令牌,トークン,비밀키"),
)
PASSWORDS = (
    *_nouns(
        "password", "password,passwd,pwd,pass,db password,admin password,smtp password,user password,root password"
    ),
    *_nouns("password", "keystore password,login password,service password,passphrase,key passphrase,bind password"),
    *_nouns(
        "other languages", "passwort,kennwort,mot de passe,contraseña,senha,wachtwoord,hasło,lösenord,heslo,parola"
    ),
    *_nouns("other languages", "пароль,密码,パスワード,비밀번호"),
)
OPENS_NOTHING = (
    *_nouns(
        "id", "id,uuid,key id,client id,tenant id,request id,trace id,session id hash,token id,secret name,account id"
    ),
    *_nouns(
        "digest",
        "hash,checksum,digest,integrity,etag,sha,sha256,commit,md5,file hash,token hash,password hash,revision",
    ),
    *_nouns("public", "public key,publishable key,fingerprint,thumbprint,key fingerprint,public token name"),
    *_nouns(
        "database key", "primary key,foreign key,sort key,partition key,cache key,row key,idempotency key,i18n key"
    ),
    *_nouns("position", "nonce,cursor,next cursor,page cursor,build number,version,index,offset marker"),
)


class Name(NamedTuple):
    """Whose secret it is, and what it is."""

    owner: tuple[str, ...]
    noun: Noun

    @property
    def words(self) -> tuple[str, ...]:
        return self.owner + self.noun.words

    @property
    def is_ascii(self) -> bool:
        return "".join(self.words).isascii()


def draw(dice: Dice, nouns: tuple[Noun, ...], ascii_only: bool = False) -> Name:
    """A name with one of these nouns, of a company or a service; one in `ABROAD` is in another language than English."""
    fit = [noun for noun in nouns if not ascii_only or "".join(noun.words).isascii()]
    english = [noun for noun in fit if noun.kind not in LANGUAGES]
    elsewhere = [noun for noun in fit if noun.kind in LANGUAGES]
    choice = elsewhere if elsewhere and dice.below(ABROAD) == 0 else english
    noun = choice[dice.below(len(choice))]
    company = dice.one_of(COMPANIES).lower()
    owner = ((company,), (company,), (dice.one_of(SERVICES),), (dice.one_of(SERVICES), "sync"))[dice.below(4)]
    return Name(owner, noun)


def _camel(words: tuple[str, ...]) -> str:
    return words[0] + "".join(word.title() for word in words[1:])


SPELLINGS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "snake": "_".join,
    "kebab": "-".join,
    "dotted": ".".join,
    "spaced": " ".join,
    "flat": "".join,
    "camel": _camel,
    "Pascal": lambda words: "".join(word.title() for word in words),
    "SCREAM": lambda words: "_".join(words).upper(),
    "Train": lambda words: "-".join(word.title() for word in words),
    "Label": lambda words: " ".join((words[0].title(), *words[1:])),
}


def spelled(name: Name) -> dict[str, str]:
    """All spellings of a name (`snake`), of its owner (`owner.snake`) and of its noun (`noun.snake`)."""
    parts = {"": name.words, "owner.": name.owner, "noun.": name.noun.words}
    return {part + spelling: write(words) for part, words in parts.items() for spelling, write in SPELLINGS.items()}
