"""The manifest of a fleet: what it may hold, and the stack of each app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_wechat_miniprogram.fleet.manifest import PROJECT, BadManifest, read_fleet

EXAMPLE = Path(__file__).parents[2] / "examples/fleet"
APPID = "wx00000000000000a1"
LAUGHS = "x0: &x0 [a, a]\n" + "\n".join(f"x{at}: &x{at} [*x{at - 1}, *x{at - 1}]" for at in range(1, 64))
MERGED = "x0: &x0 {a: b}\n" + "\n".join(
    f"x{at}: &x{at} {{<<: [*x{at - 1}, *x{at - 1}]}}" for at in range(1, 64)
)
BAD = """\
shards: 0
colour: red
apps:
  - { appid: wx00000000000000a1, domains: [http://a.example.com, b.example.com, https://b.example.com] }
  - appid: wx00000000000000a1
    domains:
      - https://c.example.com
      - https://10.0.0.1
    mode: both
  - { appid: wx123, domain: [a.example.com] }
  - { appid: wx00000000000000a4, domains: x, domains: [] }
"""
PROBLEMS = """\
fleet.yaml:1: shards: must be at least 1
fleet.yaml:2: unknown key 'colour'; known keys: shards, project, apps
fleet.yaml:4: 'http://a.example.com': uses the scheme http, but WeChat accepts only https
fleet.yaml:4: 'https://b.example.com': is the same domain as 'b.example.com': keep one of them
fleet.yaml:5: the appid wx00000000000000a1 is already in line 4
fleet.yaml:8: 'https://10.0.0.1': is an IP address, but WeChat accepts only host names
fleet.yaml:9: apps.mode: must be 'authoritative' or 'additive'
fleet.yaml:10: apps.appid: 'wx123' is not a valid appid: expected "wx" followed by 16 hexadecimal digits
fleet.yaml:10: apps.domains: is missing
fleet.yaml:10: unknown key 'domain'; known keys: appid, domains, mode, overwrite_existing, allow_mass_removal
fleet.yaml:11: the key 'domains' appears twice"""


def test_every_app_stays_in_the_stack_that_it_always_had():
    """Placement and project are a contract: URNs and states hold them, and a change would move live domains."""
    fleet = read_fleet(EXAMPLE / "fleet.yaml")

    assert fleet.project == PROJECT == "wechat-miniprogram-fleet"
    assert {app.appid: stack for stack, apps in fleet.stacks.items() for app in apps} == {
        "wx00000000000000a1": "fleet-02",
        "wx00000000000000a2": "fleet-00",
        "wx00000000000000a3": "fleet-00",
        "wx00000000000000a4": "fleet-01",
        "wx00000000000000a5": "fleet-01",
        "wx00000000000000a6": "fleet-00",
    }


def test_more_than_a_thousand_stacks(tmp_path):
    """The names go on, and what was named before keeps its name."""
    path = tmp_path / "fleet.yaml"
    path.write_text("{shards: 1001, apps: []}", encoding="utf-8")

    names = [*read_fleet(path).stacks]

    assert [names[7], names[99], names[100], names[1000]] == [
        "fleet-07",
        "fleet-99",
        "fleet-100",
        "fleet-1000",
    ]


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        (BAD, PROBLEMS),
        ("", "fleet.yaml: empty; expected `shards` and `apps`"),
        ("shards: 1\nshards: 2\napps: []", "fleet.yaml:2: the key 'shards' appears twice"),
        ("- [", None),
        ("[1]: 2", None),
        ("&a [*a]", None),
        ("? {b: 1}\n: 2", None),
        ("apps: [1]\nshards: [{}]", None),
        ("apps: [{appid: [x]}]\nshards: !!int x", None),
        ("a: \x00", None),
        ("x: 1\ny: " + "[" * 200_000, "fleet.yaml:2: nested too deeply"),
        (f"shards: 1\n{LAUGHS}\napps: []", None),
        ("shards: 1\nx: &a {<<: *a}", None),
        (f"{MERGED}\napps: []", "fleet.yaml:1: not valid YAML: `<<` merges too much in line 7"),
        (
            f"shards: 1\napps:\n- &a {{ appid: {APPID}, domains: [] }}\n- {{ <<: *a, domains: [a.example.com] }}",
            f"fleet.yaml:4: the appid {APPID} is already in line 3",
        ),
        ("shards: 1\nproject: .\napps: []", None),
        ('shards: 1\nproject: ".."\napps: []', None),
    ],
)
def test_a_bad_manifest(tmp_path, text, reported):
    """Every problem is named with its line."""
    path = tmp_path / "fleet.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(BadManifest) as bad:
        read_fleet(path)

    assert reported is None or str(bad.value) == reported
    assert str(bad.value).startswith("fleet.yaml:")


def test_no_manifest(tmp_path):
    """The file is named."""
    with pytest.raises(BadManifest, match=r"fleet\.yaml: .*No such file"):
        read_fleet(tmp_path / "fleet.yaml")


def test_a_generated_manifest_is_a_good_one(tmp_path):
    """A thousand apps in sixteen stacks, none of which has much more than its share."""
    command = [sys.executable, str(EXAMPLE / "generate.py"), "1000", "--shards", "16"]
    path = tmp_path / "fleet.yaml"
    path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)

    counts = [len(apps) for apps in read_fleet(path).stacks.values()]

    assert (sum(counts), len(counts)) == (1000, 16)
    assert max(counts) < 90


def test_a_bad_list_that_a_thousand_apps_share(tmp_path):
    """It is checked once, and what is reported has an end."""
    path = tmp_path / "fleet.yaml"
    apps = "".join(f"  - {{appid: wx{number:016x}, domains: *d}}\n" for number in range(1000))
    path.write_text(f"shards: 1\nx: &d [{', '.join(['bad host'] * 3000)}]\napps:\n{apps}", encoding="utf-8")

    with pytest.raises(BadManifest) as refused:
        read_fleet(path)

    *reported, more = str(refused.value).splitlines()
    assert len(reported) == 100
    assert more.startswith("and 2")
    assert more.endswith(" more problems")
