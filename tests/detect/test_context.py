"""Checks that look around a match: whose server it is for, what its header allows, what its name says."""

from __future__ import annotations

import time

import pytest

from cavra_boundary.detect.context import IN_CONTEXT
from cavra_boundary.detect.validators import CHECKS
from cavra_boundary.model import Span

MARK = "@@"


def check(name: str, text: str) -> str:
    """What a check says of the value between two marks."""
    before, value, after = text.split(MARK)
    verdict = IN_CONTEXT[name](
        (before + value + after).encode(), Span(len(before.encode()), len((before + value).encode()))
    )
    return "refuted" if not verdict.confirmed else verdict.lowered or "confirmed"


def test_every_check_says_what_it_checks_and_has_a_name_of_its_own() -> None:
    assert all((check.__doc__ or "").splitlines()[0].endswith(".") for check in IN_CONTEXT.values())
    assert set(CHECKS) > set(IN_CONTEXT)


@pytest.mark.parametrize(
    "text",
    [
        "Server=localhost;Database=a;User Id=sa;Password=@@Kj82hs9x@@;",
        r'Data Source=(localdb)\MSSQLLocalDB;User ID=dev;Password=@@Kj82hs9x@@"',
        r"Server=.\SQLEXPRESS;Password=@@Kj82hs9x@@;",
        "Server=tcp:127.0.0.1,1433;Password=@@Kj82hs9x@@;",
        "password=@@Kj82hs9x@@ host=localhost port=5432",
        "jdbc:mysql://localhost:3306/app?user=app&password=@@Kj82hs9x@@",
        "Host=db.example.com;Password=@@Kj82hs9x@@",
    ],
)
def test_a_server_of_nobody_else(text: str) -> None:
    assert check("remote-server", text) in ("loopback address", "reserved example domain")


@pytest.mark.parametrize(
    "text",
    [
        "Server=tcp:acme.database.windows.net,1433;Password=@@Kj82hs9x@@;",
        "Server=sql1;Password=@@Kj82hs9x@@;",
        "Server=sql1,localhost;Server=sql2;Password=@@Kj82hs9x@@;",
        'local = "Server=localhost"; live = "Server=sql1;Password=@@Kj82hs9x@@;"',
        "Server=localhost\nPassword=@@Kj82hs9x@@",
        "Password=@@Kj82hs9x@@",
    ],
)
def test_a_server_that_others_reach(text: str) -> None:
    assert check("remote-server", text) == "confirmed"


OPEN = [
    "SPDX-License-Identifier: MIT",
    "SPDX-License-Identifier: (Apache-2.0 OR MIT)",
    "Licensed under the Apache License, Version 2.0",
    "This file is distributed under the\n# terms of the BSD license",
    "Use is governed by a BSD-style license",
    "Permission is hereby granted, free of charge, to any person",
    "Redistribution and use in source and binary\n * forms are permitted",
    "This program is free software: you can redistribute it",
    "MIT License\n\nCopyright (c) Kestrel",
]


@pytest.mark.parametrize("sentence", OPEN)
@pytest.mark.parametrize("form", ["# {}\n# All rights reserved. @@confidential@@", "// @@Confidential@@\n// {}\n"])
def test_a_header_that_names_an_open_license(sentence: str, form: str) -> None:
    assert check("no-open-license", form.format(sentence)) == "refuted"


@pytest.mark.parametrize(
    "sentence",
    [
        "Licensed under the Kestrel Enterprise License",
        "This file is not licensed under the MIT license",
        "SPDX-License-Identifier: " + "LicenseRef-Kestrel-Enterprise",
        "Parts of the product are under the MIT license and listed in NOTICE",
        "",
    ],
)
def test_a_header_that_names_none(sentence: str) -> None:
    assert check("no-open-license", f"# {sentence}\n# All rights reserved. @@Confidential@@") == "confirmed"


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("const firebase = { apiKey: '@@AIza" + "Kj82hs9x@@' }", False),
        ("NEXT_PUBLIC_API_KEY=@@Kj82hs9x@@", True),
        ('primaryKey: string = "@@Kj82hs9x@@"', True),
        ("<key>CLIENT_ID</key>\n<string>@@Kj82hs9x@@</string>", False),
        ("<key>CLIENT_ID</key> <string>@@Kj82hs9x@@</string>", True),
        ('{\\"cache_key\\": \\"@@Kj82hs9x@@\\"}', True),
        ("NEXT_PUBLIC_URL=x\nAPI_KEY=@@Kj82hs9x@@", False),
        ("NEXT_PUBLIC_URL=x; API_KEY=@@Kj82hs9x@@", False),
    ],
)
def test_the_name_directly_before_a_value_counts(text: str, public: bool) -> None:
    assert (check("public-by-design", text) != "confirmed") == public


@pytest.mark.parametrize(
    "unit", [" ", "Server=", "a=", "://", "licensed under ", "SPDX-License-Identifier: ", "# \n", "("]
)
@pytest.mark.parametrize("name", IN_CONTEXT)
def test_cost_has_a_bound(name: str, unit: str) -> None:
    data = unit.encode() * 400_000
    began = time.perf_counter()
    for at in (0, len(data) // 2, len(data) - 9):
        IN_CONTEXT[name](data, Span(at, at + 9))
    assert time.perf_counter() - began < 0.3
