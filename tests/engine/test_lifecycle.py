"""The life of one resource under the real engine, each step with exactly its calls."""

from __future__ import annotations

from tests.engine.conftest import APPID, A, C, both_faces

face = both_faces


def test_create_reorder_update_refresh_destroy(project):
    """Each operation makes exactly the calls of docs/reference/calls.md, and a change of order alone makes none."""
    project.domains("https://A.example.com", "b.example.com")
    project.up()
    assert project.calls() == ["get", "set", "effective"]

    project.domains("b.example.com", "a.example.com")
    assert "2 unchanged" in project.up()
    assert project.calls() == []

    project.domains("a.example.com", "c.example.com")
    project.up()
    assert project.calls() == ["get", "add", "delete", "effective"]
    assert project.control.live(APPID) == [A, C]

    project.refresh()
    assert project.calls() == ["get", "effective"]

    project.destroy()
    assert project.calls() == ["get", "delete", "effective"]
    assert project.control.live(APPID) == []


def test_unknown_domains_pass_the_preview(measured):
    """A domain that another resource computes is unknown in preview and checked in up.

    The native face reads the confirm file in its preview, so there the domain is known.
    """
    measured.program(
        f"file = MiniProgramConfirmFile('file', appid={APPID!r})\n"
        "host = file.file_name.apply(lambda name: name.removesuffix('.txt').lower() + '.example.com')\n"
        f"r = MiniProgramWebviewDomains('shop', appid={APPID!r}, domains=[host])\n"
        "pulumi.export('url', file.url_for('HTTPS://A.example.com/'))\n"
    )

    measured.preview()
    assert measured.calls() == (["confirmfile", "effective"] if measured.face else [])
    measured.up()

    name = measured.control.state(APPID).file_name
    assert measured.calls() == ["confirmfile", "get", "set", "effective"]
    assert measured.control.live(APPID) == [f"https://{name.removesuffix('.txt').lower()}.example.com"]
    assert measured.exports()["url"] == f"https://a.example.com/{name}"


def test_no_secret_in_state_or_output(project):
    """The tokens of the environment stand nowhere."""
    project.domains(A)

    printed = project.up("--logtostderr", "-v=9")
    state = project.run("stack", "export")

    assert f"emulator-{APPID}" not in state
    assert f"emulator-{APPID}" not in printed.replace("WECHAT_MINIPROGRAM_ACCESS_TOKENS", "")


def test_fifteen_hundred_resources_in_one_program(project):
    """No RecursionError: the provider string is a constant."""
    project.program(
        "for n in range(1500):\n"
        "    MiniProgramWebviewDomains(f'app-{n}', appid=f'wx{n:016x}', domains=[f'h{n}.example.com'])\n"
    )

    text = project.preview()

    assert "+ 1501 to create" in text
