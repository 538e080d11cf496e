"""The command `wechat-miniprogram report`, and what its page contains."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from pulumi_wechat_miniprogram.cli.report.page import render, verdict
from pulumi_wechat_miniprogram.exports.drift import AppDrift, drift_document
from pulumi_wechat_miniprogram.exports.reader import read_export
from pulumi_wechat_miniprogram.exports.report import make_report
from tests.exports.stacks import (
    APPID,
    OTHER,
    WEBVIEW_DOMAINS,
    A,
    B,
    C,
    D,
    confirm_file,
    export,
    resource,
    secret,
    urn,
)

HOSTILE = "https://\"><script>alert(1)</script><img src=x onerror=alert(2)>'\u202e{{ 7*7 }}"


class Page(HTMLParser):
    """The tags and the text of a page, without those of style and script."""

    def __init__(self, text):
        """Read it."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._skipping = False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        """Keep a tag."""
        self.tags.append((tag, dict(attrs)))
        self._skipping = tag in {"style", "script"}

    def handle_endtag(self, tag):
        """End what was skipped."""
        self._skipping = False

    def handle_data(self, data):
        """Keep what a reader sees."""
        if not self._skipping:
            self.text += data


def page(*resources, **more):
    """The page of a report."""
    return page_of(read_export(export(*resources), "x.json"), **more)


def page_of(*exports, **more):
    """The page of a report on exports that were read."""
    return Page(render(make_report(exports, **more), "Fleet"))


@pytest.fixture
def exported(tmp_path):
    """An export now, and one of before."""
    (tmp_path / "now.json").write_bytes(
        export(resource("shop", A, B, effective=[A]), resource("pay", A, appid=OTHER), confirm_file("file"))
    )
    (tmp_path / "before.json").write_bytes(export(resource("shop", A, C)))
    return tmp_path


def test_the_page_is_written_whole(printed, exported, monkeypatch):
    """One file beside nothing else; a page that is there is written anew."""
    monkeypatch.chdir(exported)
    (exported / "fleet.html").write_text("old", encoding="utf-8")

    done = printed("report", "now.json", "-o", "fleet.html", "--title", "Fleet & more")

    text = (exported / "fleet.html").read_text(encoding="utf-8")
    assert done == (0, "fleet.html: 2 Mini Programs of 1 stack\n", "")
    assert "<title>Fleet &amp; more</title>" in text
    assert sorted(path.name for path in exported.iterdir()) == ["before.json", "fleet.html", "now.json"]


def test_drift_and_changes_come_in_when_they_are_given(printed, exported):
    """From the JSON of drift, and from older exports."""
    found = [AppDrift(APPID, (), (), missing=(D,)), AppDrift(OTHER, (), (), problem="no answer")]
    (exported / "drift.json").write_text(json.dumps(drift_document(found, [])), encoding="utf-8")

    code, _, _ = printed(
        "report",
        exported / "now.json",
        "--since",
        exported / "before.json",
        "--drift",
        exported / "drift.json",
        "-o",
        exported / "fleet.html",
    )

    text = Page((exported / "fleet.html").read_text(encoding="utf-8")).text
    assert code == 0
    assert "Changes since 2026-01-02 03:04 UTC" in text
    assert re.search(rf"{APPID}\s*Added{B}Removed{C}", text)
    assert re.search(rf"{APPID}\s*Missing live{D}", text)
    assert re.search(rf"{OTHER}\s*no answer", text)


@pytest.mark.parametrize(
    ("hush", "gone"),
    [
        ("hush.example.com", "gone.example.com"),
        ("pay7.cn", "ad7.cn"),
        (f"hush.{'a' * 40}.example.com", f"gone.{'a' * 40}.example.com"),
    ],
)
def test_a_secret_is_not_in_the_page(printed, tmp_path, hush, gone):
    """Not of the exports now, and not of those before."""
    (tmp_path / "now.json").write_bytes(
        export(resource("shop", outputs={"domains": secret([f"https://{hush}"])}))
    )
    (tmp_path / "before.json").write_bytes(
        export(resource("shop", outputs={"domains": secret([f"https://{gone}"])}))
    )

    printed(
        "report", tmp_path / "now.json", "--since", tmp_path / "before.json", "-o", tmp_path / "fleet.html"
    )

    text = (tmp_path / "fleet.html").read_text(encoding="utf-8")
    assert "https://***" in text
    assert "wbr" not in text
    assert hush not in text
    assert gone not in text


def test_names_of_merchants_come_first(printed, exported):
    """Before the appid, in its card and in its square."""
    (exported / "names.csv").write_text(f"appid,name\n{OTHER},Tea & more\n", encoding="utf-8")

    printed("report", exported / "now.json", "--names", exported / "names.csv", "-o", exported / "fleet.html")

    found = Page((exported / "fleet.html").read_text(encoding="utf-8"))
    assert re.search(rf"Tea & more\s*shop/dev {OTHER}", found.text)
    assert "Tea & more, shop/dev: no action needed" in [each.get("aria-label") for _, each in found.tags]


def test_what_holds_no_names_is_one_error(printed, exported):
    """And no page is written."""
    code, output, errors = printed(
        "report", exported / "now.json", "--names", exported / "now.json", "-o", exported / "fleet.html"
    )

    assert (code, output) == (1, "")
    assert errors.startswith(f"error: {exported}/now.json, entry 1: 'version' is not a valid appid: expected")
    assert not (exported / "fleet.html").exists()


def test_what_is_not_drift_is_one_error(printed, exported):
    """And no page is written."""
    code, output, errors = printed(
        "report", exported / "now.json", "--drift", exported / "before.json", "-o", exported / "fleet.html"
    )

    assert (code, output) == (1, "")
    assert errors == (
        f"error: {exported}/before.json is not the output of `wechat-miniprogram drift --json`; create it "
        "again\n"
    )
    assert not (exported / "fleet.html").exists()


def test_no_value_becomes_markup():
    """A live domain, a name, a mistake: all is text, with what would turn the reading direction visible."""
    found = AppDrift(HOSTILE, (), (), extra=(HOSTILE,), problem="")
    clean = page(resource("shop", A), drift=[AppDrift(APPID, (), (), extra=(A,))], since=[])
    hostile = page(
        resource(HOSTILE, HOSTILE, outputs={"effective_domains": [HOSTILE]}),
        drift=[found],
        since=[],
    )

    assert [tag for tag, _ in hostile.tags if tag in {"img", "script"}] == ["script"]
    assert {tag for tag, _ in hostile.tags} <= {tag for tag, _ in clean.tags} | {"wbr"}
    assert r"onerror=alert(2)>'\u202e{{ 7*7 }}" in hostile.text
    assert "\u202e" not in "".join(str(value) for _, held in hostile.tags for value in held.values())


def test_the_page_loads_nothing():
    """No tag names anything outside; only the page's own style and script are allowed, by their hashes."""
    found = page(resource("shop", A))

    addresses = [
        value
        for _, attributes in found.tags
        for name, value in attributes.items()
        if name in {"href", "src", "srcset", "action", "data", "poster"}
    ]
    policy = next(a["content"] for _, a in found.tags if a.get("http-equiv") == "Content-Security-Policy")
    assert [address for address in addresses if not str(address).startswith("#")] == []
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    assert [attributes for _, attributes in found.tags if "style" in attributes] == []


def test_every_link_leads_to_a_place_in_the_page():
    """By appid, so that an address leads to the same app in every report."""
    found = page(resource("shop", A, effective=[]), drift=[AppDrift(OTHER, (), (), extra=(A,))], since=[])

    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    links = [str(attributes["href"])[1:] for tag, attributes in found.tags if tag == "a"]
    assert len(ids) == len(set(ids))
    assert set(links) <= set(ids)
    assert {APPID, OTHER} <= set(links)


def test_equal_exports_give_equal_pages():
    """A page can be compared with the one of yesterday."""
    texts = [
        render(make_report([read_export(export(resource("shop", A)), "x.json")]), "Fleet") for _ in range(2)
    ]

    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("resources", "more", "text"),
    [
        ([], {}, "No stack declares any."),
        ([resource("shop", A)], {}, "Nothing waits for a release."),
        ([resource("shop", A)], {}, "No domain is shared."),
        ([resource("shop", A)], {"drift": []}, "Every live list that was compared matches its declaration."),
        ([resource("shop", outputs={"domains": secret()})], {}, "domains encrypted"),
        (
            [resource("shop", A)],
            {"drift": [AppDrift(APPID, (), (), left_platform=True)]},
            "left the third-party",
        ),
        (
            [resource(f"r{n}", A, appid=f"wx{n:016x}") for n in range(100)],
            {},
            "100 of 100 at or above the limit",
        ),
        ([resource(f"r{n}", A, appid=f"wx{n:016x}") for n in range(80)], {}, "80 of 100 near the limit"),
    ],
)
def test_what_a_section_says(resources, more, text):
    """Also where it has nothing to show."""
    assert text in page(*resources, **more).text


HALF = {"pending_operations": [{"resource": {"urn": urn("half"), "type": WEBVIEW_DOMAINS}}]}


@pytest.mark.parametrize(
    ("resources", "drift", "more", "said"),
    [
        ([], None, {}, "Nothing waits for a release."),
        (
            [resource("a", A)],
            [],
            {},
            "Every live list that was compared matches its declaration. Nothing waits for a release.",
        ),
        (
            [resource("a", A, B, effective=[A])],
            None,
            {},
            "1 domain waits for a release of 1 Mini Program.",
        ),
        (
            [resource("a", A, effective=[A, B])],
            None,
            {},
            "A release of 1 Mini Program would end the effect of undeclared domains.",
        ),
        (
            [resource("a", A, B, effective=[]), resource("b", A, appid=OTHER)],
            [AppDrift(OTHER, (), (), missing=(A,)), AppDrift("x", (), (), extra=(A, B))],
            {},
            "2 Mini Programs differ from what is declared; 1 domain is missing live and 2 are extra. "
            "2 domains wait for a release of 1 Mini Program.",
        ),
        (
            [resource("a", A)],
            [AppDrift("x", (), (), extra=(A,)), AppDrift("y", (), (), problem="refused")],
            HALF,
            "1 Mini Program differs from what is declared; 1 domain is extra. "
            "1 Mini Program could not be compared. A killed run left 1 resource half done. "
            "Nothing waits for a release.",
        ),
        (
            [resource(f"r{n}", A, appid=f"wx{n:016x}") for n in range(80)],
            None,
            {},
            "Nothing waits for a release. 1 domain is near or above the limit of 100 subjects.",
        ),
    ],
)
def test_a_verdict_says_what_is_most_urgent_first(resources, drift, more, said):
    """In sentences; the first is the first line of the page."""
    report = make_report([read_export(export(*resources, **more), "x.json")], drift=drift)

    assert " ".join(verdict(report)) == said
    body = Page(render(report, "Fleet").partition("<body>")[2])
    assert body.text.strip().startswith(verdict(report)[0])


def test_a_line_over_time_holds_until_the_next_day_that_is_known():
    """From the left to the right, highest where the most domains were."""
    contents = [
        export(resource("shop", *domains)).replace(b"2026-01-02T", f"2026-01-{day}T".encode())
        for day, domains in (("01", [A]), ("06", [A, B]), ("11", []))
    ]
    *older, now = [read_export(content, "x.json") for content in contents]

    found = page_of(now, since=older)

    assert "M0 50H463V2H926V98H1000" in [each.get("d") for _, each in found.tags]
    assert "In force: 1 then, 0 now" in found.text


def test_changes_name_what_happened_to_an_app():
    """New, gone, another mode, not known; or nothing."""
    now = [read_export(export(resource("a", A), resource("b", A, appid=OTHER, mode="additive")), "x.json")]
    before = [
        read_export(
            export(resource("b", A, appid=OTHER), resource("c", A, appid="wx0000000000000000")), "x.json"
        )
    ]

    text = Page(render(make_report(now, since=before), "Fleet")).text

    assert re.search(rf"{APPID}\s*new", text)
    assert re.search(r"wx0000000000000000\s*gone", text)
    assert re.search(rf"{OTHER}\s*authoritative → additive", text)
    assert "Nothing changed." in Page(render(make_report(now, since=now), "Fleet")).text


def test_a_time_that_is_none_of_the_engines_is_kept():
    """Nobody knows what a newer engine writes."""
    content = export(resource("shop", A)).replace(b"2026-01-02T03:04:05Z", b"yesterday")

    assert "yesterday" in Page(render(make_report([read_export(content, "x.json")]), "Fleet")).text


def test_a_page_that_cannot_be_written_is_one_error(printed, exported):
    """It names the file that was asked for."""
    page = exported / "gone/fleet.html"

    assert printed("report", exported / "now.json", "-o", page) == (
        1,
        "",
        f"error: {page}: No such file or directory\n",
    )
