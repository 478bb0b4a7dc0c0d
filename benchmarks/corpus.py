"""Makes the corpus: well-known PyPI and npm packages at pinned versions, unpacked into one git repository.

    python -m benchmarks.corpus [--into DIR] [--scale 10]

`pip download` and `npm pack` fetch the packages from whatever index they are configured for, and check them against the
index's digests. Wheels are for one fixed platform, so that the corpus is the same on every machine. Where the tests
matter (they contain the hardest lookalikes), the source distribution is used instead, for which pip runs the package's
build backend to get its metadata. No other code of a package is run.

    DIR/archives/{pypi,npm}/   as fetched
    DIR/tree/{pypi,npm}/       unpacked, one folder per package; a git repository with one commit (in DIR/tree.git)
    DIR/tree-x10/              ten real copies of it, also committed (--scale 10)
    DIR/manifest.json          the pins, each archive's SHA-256, and its file and byte counts
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from hashlib import file_digest, sha256
from pathlib import Path

DEFAULT = Path.home() / ".cache" / "cavra-boundary-bench"

# Packages with tests only in the source distribution.
SDISTS = (
    "ansible-core==2.21.5",
    "authlib==1.9.6",
    "braintree==4.48.0",
    "celery==5.7.0",
    "django==6.1.3",
    "flask==3.1.3",
    "plaid-python==46.0.0",
    "pyjwt==2.15.1",
    "pytest==9.2.0",
    "python-stdnum==2.2",
    "schwifty==2026.10.1",
    "sentry-sdk==2.75.0",
    "simple-salesforce==1.12.10",
    "werkzeug==3.1.9",
    "xero-python==15.2.0",
)

WHEELS = (
    "adyen==16.0.0",
    "apache-airflow-core==3.3.2",
    "black==26.10.1",
    "boto3==1.44.5",
    "botocore==1.44.5",
    "chargebee==3.29.0",
    "cryptography==50.0.2",
    "dj-stripe==2.11.0",
    "faker==40.54.0",
    "gocardless-pro==3.22.0",
    "hubspot-api-client==12.0.0",
    "matplotlib==3.11.2",
    "mypy==2.4.1",
    "nltk==3.10.4",
    "numpy==2.5.5",
    "pandas==3.1.1",
    "phonenumbers==9.0.43",
    "poetry==2.5.1",
    "python-intercom==5.0.1",
    "recurly==4.79.0",
    "scikit-learn==1.9.1",
    "scipy==1.18.1",
    "setuptools==84.2.1",
    "sqlalchemy==2.1.9",
    "squareup==46.0.0.20260916",
    "stripe==16.1.0",
    "sympy==1.14.0",
    "twilio==9.13.0",
    "zenpy==2.0.57",
)

NPM = (
    "@adyen/api-library@32.1.0",
    "@angular/core@22.2.6",
    "@babel/standalone@8.0.6",
    "@hubspot/api-client@14.0.1",
    "@mui/material@9.5.0",
    "@paddle/paddle-node-sdk@3.10.0",
    "@salesforce/core@9.4.0",
    "@shopify/shopify-api@15.0.0",
    "@types/node@26.6.6",
    "braintree@3.40.0",
    "chargebee@3.33.0",
    "core-js@3.51.0",
    "d3@7.9.2",
    "eslint@10.15.0",
    "highlight.js@11.12.0",
    "intercom-client@7.0.3",
    "jquery@4.0.0",
    "jsforce@3.10.26",
    "lodash@4.18.1",
    "moment@2.31.0",
    "node-zendesk@6.0.1",
    "react-dom@19.3.1",
    "rxjs@7.8.2",
    "square@46.0.0",
    "stripe@23.1.0",
    "twilio@6.2.0",
    "typescript@5.9.3",
    "vue@3.5.45",
    "webpack@5.112.2",
)

PINS = {"sdist": SDISTS, "wheel": WHEELS, "npm": NPM}

# Compiled code: repositories do not contain it, and its size would make false alarms per MB look rarer than they are.
COMPILED = re.compile(r"\.(so(\.\d+)*|pyd|dll|dylib|exe|a|node|wasm)$")

WHEEL_PLATFORM = ["--only-binary=:all:", "--python-version=3.14.2", "--implementation=cp"] + [
    f"--platform=manylinux{tag}_x86_64" for tag in ("_2_28", "_2_27", "2014")
]


def fetch(archives: Path) -> None:
    """Download every pinned package. CalledProcessError if a client fails."""
    pypi, npm = archives / "pypi", archives / "npm"
    npm.mkdir(parents=True)
    pip = ["pip", "--quiet", "--disable-pip-version-check", "download", "--no-deps", f"--dest={pypi}"]
    subprocess.run([*pip, *WHEEL_PLATFORM, *WHEELS], check=True)
    # Nothing is installed or run, so this Python does not have to be one that the package supports.
    subprocess.run([*pip, "--no-binary=:all:", "--ignore-requires-python", *SDISTS], check=True)
    pack = ["npm", "pack", "--silent", "--ignore-scripts", f"--pack-destination={npm}"]
    subprocess.run([*pack, *NPM], check=True, stdout=subprocess.DEVNULL)


def unpack(archive: Path, into: Path) -> None:
    """Unpack a wheel or tarball, without its compiled code; no member is written outside `into`."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            # ZipFile.extractall drops drive letters, leading slashes and `..`, and makes no links.
            wheel.extractall(into, [name for name in wheel.namelist() if not COMPILED.search(name)])
    else:
        with tarfile.open(archive) as tarball:
            members = [member for member in tarball if not COMPILED.search(member.name)]
            tarball.extractall(into, members, filter="data")


def measure(folder: Path) -> tuple[int, int]:
    """Count the regular files below a folder, and their bytes."""
    files = size = 0
    for root, _, names in os.walk(folder):
        for path in (Path(root, name) for name in names):
            if not path.is_symlink():
                files += 1
                size += path.stat().st_size
    return files, size


def commit(folder: Path) -> None:
    """Make a folder a git repository with everything in it, ignored or not, in one commit.

    The repository's own files are next to the folder, in `FOLDER.git`: some scanners would read them as content, and so
    would be measured on half again as many bytes.
    """
    store = folder.with_name(f"{folder.name}.git")
    shutil.rmtree(store, ignore_errors=True)
    git = ["git", "-C", str(folder), "-c", "core.autocrlf=false", "-c", "gc.auto=0"]
    author = ["-c", "user.name=bench", "-c", "user.email=bench@example.invalid", "-c", "commit.gpgSign=false"]
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main", f"--separate-git-dir={store}"], check=True)
    subprocess.run([*git, "add", "--all", "--force", "."], check=True, stderr=subprocess.DEVNULL)
    subprocess.run([*git, *author, "commit", "--quiet", "--no-verify", "--message=corpus"], check=True)


def assemble(into: Path) -> None:
    """Unpack and commit what was fetched, and write the manifest last, so that a manifest means a complete corpus."""
    shutil.rmtree(into / "tree", ignore_errors=True)
    packages = []
    for archive in sorted((into / "archives").glob("*/*")):
        folder = into / "tree" / archive.parent.name / archive.name.removesuffix(".tar.gz").removesuffix(archive.suffix)
        unpack(archive, folder)
        with archive.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
        files, size = measure(folder)
        packages.append({"archive": archive.name, "sha256": digest, "files": files, "bytes": size})
    digests = "".join(f"{package['sha256']}  {package['archive']}\n" for package in packages)
    files, size = measure(into / "tree")
    manifest = {
        "pins": PINS,
        "digest": sha256(digests.encode()).hexdigest(),
        "files": files,
        "bytes": size,
        "packages": packages,
    }
    commit(into / "tree")
    (into / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")


def multiply(into: Path, times: int) -> Path:
    """Copy the corpus `times` times into one repository. Real copies, which share no pages of the disk cache."""
    target = into / f"tree-x{times}"
    shutil.rmtree(target, ignore_errors=True)
    for copy in range(times):
        shutil.copytree(into / "tree", target / f"copy-{copy:02}", symlinks=True, ignore=shutil.ignore_patterns(".git"))
    commit(target)
    return target


def is_made(into: Path) -> bool:
    """Whether the corpus exists with exactly these pins."""
    try:
        manifest = json.loads((into / "manifest.json").read_text())
    except FileNotFoundError:
        return False
    return bool(manifest["pins"] == {kind: list(pins) for kind, pins in PINS.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the corpus of real packages for the benchmarks.")
    parser.add_argument("--into", type=Path, default=DEFAULT, help="folder to make it in (default: %(default)s)")
    parser.add_argument("--scale", type=int, metavar="N", help="also make a tree of N copies")
    options = parser.parse_args()
    into = options.into.resolve()
    if not is_made(into):
        (into / "manifest.json").unlink(missing_ok=True)
        shutil.rmtree(into / "archives", ignore_errors=True)
        fetch(into / "archives")
        assemble(into)
    manifest = json.loads((into / "manifest.json").read_text())
    megabytes = manifest["bytes"] / 1e6
    print(f"{into / 'tree'}: {len(manifest['packages'])} packages, {manifest['files']:,} files, {megabytes:,.0f} MB")
    print(f"archives' digest: {manifest['digest']}")
    if options.scale:
        print(multiply(into, options.scale))


if __name__ == "__main__":
    main()
