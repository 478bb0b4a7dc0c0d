"""What a file's name says of the values in it: whether they are of a test, and whether they need quotes."""

from __future__ import annotations

import re
from functools import lru_cache

_OF_TESTS = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|testdata|test[-_]\w{1,20}|__tests__|specs?|fixtures?|mocks?|__mocks__|cassettes|samples?"
    r"|examples?|demos?|docs?|documentation)(?:/|[-_.]|\Z)"
    r"|[-_.](?:tests?|spec|mock|example|sample|dist|template)(?:\.|\Z)|(?-i:(?:Tests?|Spec|IT)\.\w+\Z)"
    r"|\.(?:md|mdx|rst|adoc|markdown|ipynb)\Z|(?:^|/)(?:README|CHANGELOG|CONTRIBUTING)[^/]*\Z"
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
