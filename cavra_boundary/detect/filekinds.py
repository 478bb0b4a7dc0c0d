"""What a file's name says of the values in it: whether they are of a test, and whether they need quotes."""

from __future__ import annotations

import re
from functools import lru_cache

_OF_TESTS = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|testdata|testutils?|testhelpers?|testlib|test[-_]\w{1,20}|__tests__|specs?|fixtures?"
    r"|mocks?|__mocks__|__snapshots__|__fixtures__|cassettes|e2e|cypress|playwright|storybook|stories|__stories__|samples?"
    r"|examples?|demos?|tutorials?|docs?|documentation)(?:/|[-_.]|\Z)"
    r"|(?:^|/)conftest\.py\Z|[-_.](?:tests?|spec|e2e|stories|mock|example|sample|dist|template)(?:\.|\Z)"
    # Of the languages with names in camelCase: androidTest/, MyAppTests/, Acme.Tests/, LoginTest.java, TestHelper.java.
    r"|(?-i:[a-z0-9.](?:UI)?Tests?/|(?:Tests?|Spec|IT)\.\w+\Z|(?:^|/)Test[A-Z]\w*\.\w+\Z)"
    r"|\.(?:md|mdx|rst|adoc|markdown|ipynb|snap)\Z|(?:^|/)(?:README|CHANGELOG|CONTRIBUTING)[^/]*\Z"
    r"|(?:^|/)(?:CHANGES|HISTORY|NEWS|RELEASE[-_]?NOTES)(?:\.\w{1,8})?\Z"
)
_CONFIGURATION = re.compile(
    r"(?i)\.(?:ya?ml|json5?|toml|ini|cfg|conf|config|cnf|properties|env|envrc|xml|tf|tfvars|hcl|plist|reg|sh|bash|zsh|bat"
    r"|cmd|ps1|psm1|service|sql|txt|md|rst|adoc|log|csv|http|rest|ovpn|netrc|pgpass|gradle)(?:\.[\w-]{1,12})?\Z"
    r"|(?:^|/)(?:\.env[^/]*|[^/]*rc|Dockerfile[^/]*|Jenkinsfile|Vagrantfile|Makefile|[^./]+)\Z"
)


@lru_cache(maxsize=16)
def is_of_tests(path: str) -> bool:
    """Whether a file is a test, a sample or documentation, whose credentials are made up more often than not."""
    return _OF_TESTS.search(path) is not None


@lru_cache(maxsize=16)
def is_configuration(path: str) -> bool:
    """Whether a file holds configuration, commands or prose. In code, what has no quotes is a name, not a value."""
    return _CONFIGURATION.search(path) is not None
