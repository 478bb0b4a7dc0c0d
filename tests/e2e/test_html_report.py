"""The HTML report in a real browser: filter, search, order, keyboard, links, print; nothing hostile runs."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from report.make import context, finding, report

from cavra_boundary.model import Introduced, Notice, Report, Severity, Skip, Span, Status
from cavra_boundary.report.html_report import render

sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    Open = Callable[..., Page]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
OUCH = "window.ouch = (window.ouch || 0) + 1"
ATTACKS = (
    f"<script>{OUCH}</script>",
    f"</script><script>{OUCH}</script>",
    f'"><img src="https://example.com/x" onerror="{OUCH}">',
    f"' onmouseover='{OUCH}' x='",
    f"<svg onload={OUCH}>",
    f'"><a href="javascript:{OUCH}">a</a>',
    f"&lt;script&gt;{OUCH}&lt;/script&gt;",
    "</title></style></select></option><base href='https://example.com/'><meta http-equiv=refresh content=0;url=x:>",
    "${alert(1)} {{constructor.constructor('alert(1)')()}}",
    "\u202egnp.exe\x00\x1b]8;;https://example.com\x07\ud800",
    "x" * 3000,
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    with sync_api.sync_playwright() as playwright:
        if program is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("needs Chromium: apt-get install chromium, or playwright install chromium")
        # Chromium's own sandbox cannot be set up as root in a container; the page is ours.
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a report as a file; the page must not fail, request anything or violate its own policy."""
    wrong: list[str] = []
    contexts = []

    def open_report(made: Report, link: str = "", **options: Any) -> Page:
        file = tmp_path / "report.html"
        file.write_text(render(made, context()), encoding="utf-8")
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: wrong.append(request.url) if request.url != page.url else None)
        page.goto(f"{file.as_uri()}{link}")
        wrong[:] = [each for each in wrong if not each.startswith(file.as_uri())]
        return page

    yield open_report
    for each in contexts:
        each.close()
    assert wrong == []


def sample() -> Report:
    """Twelve findings: three clauses, three folders, all severities, three months and one of unknown age."""
    clauses = (("registry-token", Severity.ERROR), ("billing-record", Severity.WARNING), ("another", Severity.NOTE))
    findings = [
        finding(
            line,
            clause=clause,
            severity=severity,
            path=f"{folder}/file{line}.txt",
            message=f"number {line}{' needle' if line == 7 else ''}",
            introduced=Introduced("ab" * 20, f"2026-0{line % 3 + 1}-05T10:00:00+02:00", line > 6) if line > 1 else None,
        )
        for line, (clause, severity), folder in (
            (n + 1, clauses[n % 3], ("docs", "src/api", "tests/data/deep")[n // 4]) for n in range(12)
        )
    ]
    return report(*sorted(findings, key=lambda each: each.order))


def shown(page: Page) -> list[int]:
    """The lines of the visible findings, from top to bottom."""
    places = page.locator("article:visible .place").all_text_contents()
    return [int(re.search(r":(\d+):", place)[1]) for place in places]  # type: ignore[index]


def headings(page: Page) -> list[str]:
    return page.locator("#list h3:visible").all_text_contents()


def test_search_filters_as_one_types(opened: Open) -> None:
    page = opened(sample())
    assert len(shown(page)) == 12
    page.get_by_label("Search").fill("NEEDLE number")
    assert shown(page) == [7]
    assert page.get_by_role("status").inner_text() == "1 of 12 shown"
    page.get_by_label("Search").fill("nothing has this")
    assert shown(page) == []
    assert page.get_by_text("No finding matches the filter.").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(shown(page)) == 12
    assert page.get_by_label("Search").input_value() == ""


def test_severity_clause_and_folder_narrow_the_list(opened: Open) -> None:
    page = opened(sample())
    page.get_by_label("Errors").uncheck()
    assert sorted(shown(page)) == [2, 3, 5, 6, 8, 9, 11, 12]
    page.get_by_label("Clause", exact=True).select_option("billing-record")
    assert sorted(shown(page)) == [2, 5, 8, 11]
    page.get_by_label("Folder").select_option("tests/data/")
    assert shown(page) == [11]
    assert len(headings(page)) == 1


def test_the_list_can_be_ordered_and_put_back(opened: Open) -> None:
    page = opened(sample())
    at_first = shown(page), headings(page)
    order = page.get_by_label("Order", exact=True)
    order.select_option("path")
    paths = headings(page)
    assert paths == sorted(paths)
    assert paths[0] == "docs/file1.txt"
    order.select_option("severity")
    assert headings(page) == ["errors", "warnings", "notes"]
    assert [line % 3 for line in shown(page)] == [1] * 4 + [2] * 4 + [0] * 4
    order.select_option("date")
    assert headings(page) == ["March 2026", "February 2026", "January 2026", "Unknown"]
    assert shown(page)[-1] == 1
    order.select_option("clause")
    assert (shown(page), headings(page)) == at_first


def test_a_finding_can_be_linked_to_even_when_it_is_filtered_out(opened: Open) -> None:
    page = opened(sample())
    link = page.locator("article", has_text="needle").locator(".place a").get_attribute("href")
    page.get_by_label("Search").fill("number 3")
    page.evaluate("link => { location.hash = link }", link)
    page.locator("article:focus").wait_for()
    assert page.evaluate("location.hash") == link
    assert "needle" in page.locator("article:focus").inner_text()
    again = opened(sample(), link or "")
    assert "needle" in again.locator("article:focus").inner_text()
    assert again.locator("article:focus").evaluate("element => element.getBoundingClientRect().top < innerHeight")


def test_a_filtered_list_can_be_linked_to(opened: Open) -> None:
    page = opened(sample())
    page.get_by_label("Search").fill("number")
    page.get_by_label("Warnings").uncheck()
    page.get_by_label("Folder").select_option("src/api/")
    page.get_by_label("Order", exact=True).select_option("path")
    before = shown(page), headings(page)
    again = opened(sample(), page.evaluate("location.hash"))
    assert (shown(again), headings(again)) == before
    assert again.get_by_label("Search").input_value() == "number"
    broken = opened(sample(), "#?folder=%E0%A4%A&order=sideways&clause=none&q=%00")
    assert broken.get_by_label("Order", exact=True).input_value() == "clause"


def test_a_bar_of_the_chart_shows_its_folder(opened: Open) -> None:
    page = opened(sample())
    page.get_by_role("table", name="By folder").get_by_role("link", name="src/api/").click()
    assert sorted(shown(page)) == [5, 6, 7, 8]
    page.get_by_role("table", name="By clause").get_by_role("link", name="another").click()
    page.locator("article", has_text="needle").wait_for()
    assert len(shown(page)) == 12


def test_it_can_be_used_without_a_mouse(opened: Open) -> None:
    page = opened(sample())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("jk/")
    assert page.get_by_label("Search").input_value() == "jk/"
    page.keyboard.press("Escape")
    assert len(shown(page)) == 12
    page.evaluate("document.activeElement.blur()")
    visited = []
    for key in "jjjk":
        page.keyboard.press(key)
        visited.append(page.locator("article:focus .place").inner_text())
    assert visited[3] == visited[1]
    assert len({*visited}) == 3


def test_nothing_hostile_runs_or_is_asked_for(opened: Open) -> None:
    findings = []
    for number, attack in enumerate(ATTACKS):
        hostile = finding(
            number + 1,
            path=f"{attack}/a",
            rule=attack,
            clause=attack,
            message=attack,
            remedy=attack,
            snippet=attack,
            caret=Span(1, 5),
            origin=attack,
            reason=attack,
            via=(attack,),
            introduced=Introduced(attack, attack, True),
        )
        findings += [hostile, hostile._replace(status=Status.SUPPRESSED, decided_at=attack)]
    made = Report(
        tuple(findings),
        tuple(Notice(attack, 1, attack) for attack in ATTACKS),
        report().receipt._replace(
            sources=ATTACKS,
            choices=ATTACKS,
            skipped=tuple(Skip(attack, attack, wanted) for attack in ATTACKS for wanted in (True, False)),
        ),
    )
    page = opened(made, viewport={"width": 360, "height": 800})
    page.get_by_label("Search").fill("ouch")
    for order in ("path", "severity", "clause"):
        page.get_by_label("Order", exact=True).select_option(order)
    page.mouse.move(180, 400)
    page.locator("summary").first.click()
    assert page.evaluate("window.ouch") is None
    assert page.evaluate("document.scripts.length") == 1
    assert page.locator("img, base, iframe, meta[content*=url]").count() == 0
    hrefs = page.locator("a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert all(href.startswith("#") for href in hrefs)
    messages = page.locator("article h4").all_text_contents()
    assert all(any(attack in message for message in messages) for attack in ATTACKS[:-2])
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_its_policy_stops_what_would_get_in_all_the_same(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    # As if a bug of ours had let two elements through.
    injected = f"<body><script>{OUCH}</script><img src='https://example.com/x' onerror='{OUCH}'>"
    file.write_text(render(sample(), context()).replace("<body>", injected), encoding="utf-8")
    page = browser.new_page()
    page.add_init_script(
        "window.stopped = []; addEventListener('securitypolicyviolation', e => stopped.push(e.effectiveDirective))"
    )
    page.goto(file.as_uri())
    assert page.evaluate("window.ouch") is None
    assert {"script-src-elem", "img-src"} <= {*page.evaluate("stopped")}
    assert page.evaluate("try { document.body.innerHTML = '<b>'; 'set' } catch { 'refused' }") == "refused"
    page.close()


def test_without_a_script_it_is_a_plain_document(opened: Open) -> None:
    page = opened(sample(), java_script_enabled=False)
    assert page.locator("article").count() == 12
    assert page.locator("article").last.is_visible()
    assert not page.locator("#filter").is_visible()


def test_it_prints_whole_without_controls(opened: Open) -> None:
    page = opened(sample(), color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator("article").last.is_visible()
    for control in ("#filter", "nav", ".skip"):
        assert not page.locator(control).is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").startswith(b"%PDF")


# WCAG 2.2, 1.4.3: the ratio of relative luminances of every visible text to what is behind it.
CONTRASTS = """
() => {
  const channel = (value) => ((value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = numbers(getComputedStyle(element).backgroundColor);
      if (color[3] !== 0) return color;
    }
    return [255, 255, 255];
  };
  const found = {};
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("script")) continue;
    const [a, b] = [numbers(getComputedStyle(element).color), behind(element)].map(luminance).sort((x, y) => y - x);
    found[`${element.tagName}.${element.className}`] = (a + 0.05) / (b + 0.05);
  }
  return found;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(opened: Open, scheme: str) -> None:
    made = sample()
    allowed = finding(1, status=Status.SUPPRESSED, reason="made up")
    page = opened(made._replace(findings=(*made.findings, allowed)), color_scheme=scheme)
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert {name: ratio for name, ratio in contrasts.items() if ratio < 4.5} == {}


def test_a_screen_reader_finds_its_way(opened: Open) -> None:
    page = opened(sample())
    for landmark in ("banner", "main", "navigation", "search"):
        assert page.get_by_role(landmark).count() == 1, landmark
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(each => Number(each.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    unnamed = "all => all.filter(each => !each.labels?.length && !each.textContent.trim()).length"
    assert page.locator("input, select, button").evaluate_all(unnamed) == 0
    assert page.locator("html").get_attribute("lang") == "en"
