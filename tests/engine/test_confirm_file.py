"""86103 as a user reads it: every new host with its cause, asked over real HTTPS on loopback."""

from __future__ import annotations

import json
import socket
from contextlib import closing

import pytest

from tests.engine.conftest import APPID
from tests.https_hosts import CONTENT, FILE, GOOD, Authorities, Host, http

ANSWERS = {
    "good": GOOD,
    "redirect": http(b"", "302 Found", Location="https://login.example.com/"),
    "status": http(b"", "404 Not Found"),
    "html": http(b"<html></html>", Content_Type="text/html"),
    "bom": http(b"\xef\xbb\xbf" + CONTENT),
    "newline": http(CONTENT + b"\n"),
    "other-app": http(b"d41d8cd98f00b204e9800998ecf8427e"),
    "gzip": http(CONTENT, Content_Encoding="gzip"),
}
CERTIFICATES = ("name", "expired", "issuer")


@pytest.fixture
def wrong_hosts():
    """Hosts that fail in one way each and one that is good, by name, and the authorities of them all."""
    authorities = Authorities()
    started = {
        name: Host(authorities.context(f"{name}.example.com", name), ANSWERS.get(name, GOOD))
        for name in (*ANSWERS, *CERTIFICATES)
    }
    yield started, authorities
    for host in started.values():
        host.close()


@pytest.fixture
def targets(project, wrong_hosts):
    """Let WeChat refuse every host, and the provider find those of the test; return them in order."""
    started, authorities = wrong_hosts
    project.control.trust()
    project.control.seed(APPID, confirm_file=FILE.model_dump(include={"file_name", "file_content"}))
    ca_file = project.folder / "ca.pem"
    authorities.root.cert_pem.write_to_path(ca_file)
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses connections
        refusing = f"127.0.0.1:{nobody.getsockname()[1]}"
        targets = {"refused": refusing, **{name: host.target for name, host in started.items()}}
        project.environment |= {
            "WECHAT_MINIPROGRAM_PROBE": "true",
            "WECHAT_MINIPROGRAM_PROBE_HOST_MAP": json.dumps(
                {f"{n}.example.com": t for n, t in targets.items()}
            ),
            "WECHAT_MINIPROGRAM_CA_FILE": str(ca_file),
        }
        yield [f"https://{name}.example.com" for name in targets]


def test_each_host_that_does_not_serve_the_file_is_named_with_its_cause(project, targets, golden):
    """The good one is counted, and the file and what is live are named."""
    project.domains(*targets)

    golden("error-86103", project.up(fails=True))
    assert project.calls() == ["get", "set", "get", "confirmfile"]


def test_when_all_hosts_look_right_from_here_the_error_says_so(project, targets, golden):
    """What is left is named: a firewall, a region, a cache."""
    project.domains("https://good.example.com")

    golden("error-86103-all-good", project.up(fails=True))


def test_without_the_probe_the_error_names_the_new_hosts(project, targets, golden):
    """`probe: false` is for a runner that cannot reach them."""
    project.domains("https://good.example.com", "https://html.example.com")

    golden("error-86103-no-probe", project.up(fails=True, WECHAT_MINIPROGRAM_PROBE="false"))
