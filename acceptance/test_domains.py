"""What a user does, against WeChat itself. Each test ends with the lists as it found them: empty."""

from __future__ import annotations

import pytest


def webview(*hosts, mode="authoritative"):
    """A program with one list of webview domains."""
    return (
        "import os\n"
        f"MiniProgramWebviewDomains('shop', appid=os.environ['APPID'], domains={list(hosts)!r}, mode={mode!r})\n"
    )


def server(*hosts):
    """A program with one list of server domains."""
    return (
        "import os\n"
        f"MiniProgramServerDomains('shop', appid=os.environ['APPID'], request={list(hosts)!r}, mode='additive')\n"
    )


@pytest.mark.parametrize("mode", ["authoritative", "additive"])
def test_the_life_of_webview_domains(project, hosts, mode):
    """Create, nothing to do, replace one by the other, refresh, destroy."""
    first, second = (f"https://{host}" for host in hosts)

    project.program(webview(first, mode=mode))
    project.up()
    assert project.control.configured() == {first}
    assert "2 unchanged" in project.up()
    project.refresh("--expect-no-changes")

    project.program(webview(second, mode=mode))
    project.up()
    assert project.control.configured() == {second}

    project.destroy()
    assert project.control.configured() == set()


def test_the_life_of_server_domains(project, hosts):
    """Create, nothing to do, destroy: two of the month's changes for each face."""
    first = f"https://{hosts[0]}"

    project.program(server(first))
    project.up()
    assert project.control.configured() == {f"request {first}"}
    assert "2 unchanged" in project.up()

    project.destroy()
    assert project.control.configured() == set()


def test_the_confirm_file_is_readable(project):
    """And of the form that the provider assumes."""
    project.program(
        "import os\n"
        "file = MiniProgramConfirmFile('file', appid=os.environ['APPID'])\n"
        "pulumi.export('name', file.file_name)\n"
    )
    project.up()

    assert project.exports()["name"].endswith(".txt")
