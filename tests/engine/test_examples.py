"""The examples run by the commands of their READMEs, from the first to the last."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from tests.engine.conftest import APPID, without_backend
from tests.engine.readmes import Shell, commands
from tests.https_hosts import GOOD, Authorities, Host
from wechat_miniprogram_emulator import EmulatorControl

EXAMPLES = Path(__file__).parents[2] / "examples"
READMES = sorted(EXAMPLES.glob("*/README.md"))
OF_THE_TESTS = ("python3 -m venv ", "pip install ", "openssl ")
"""What these commands make is there: the environment of the tests, a certificate."""


@pytest.fixture
def reader(request, tmp_path):
    """A terminal in a copy of the example."""
    folder = tmp_path / request.param
    for each in {request.param, "confirm-file"}:  # two others take its web server
        shutil.copytree(EXAMPLES / each, tmp_path / each)
    environment = {
        **without_backend(tmp_path),
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "WECHAT_MINIPROGRAM_PROBE": "false",  # the provider itself would ask the real app.example.com
    }
    shell = Shell(folder, environment)
    yield shell
    shell.close()


@pytest.fixture
def typed(reader):
    """The commands of the README's section on the emulator, in order."""
    lines = commands(reader.folder / "README.md", "On the emulator")
    return [line for line in lines if not line.startswith(OF_THE_TESTS)]


@pytest.fixture
def certificate(reader):
    """A certificate of the hosts and its authority in one file, as a self-signed one is."""
    authority = Authorities().root
    issued = authority.issue_cert("app.example.com", "shop.example.net")
    issued.private_key_pem.write_to_path(reader.folder / "key.pem")
    for blob in (issued.cert_chain_pems[0], authority.cert_pem):
        blob.write_to_path(reader.folder / "cert.pem", append=True)


@pytest.mark.parametrize("reader", ["confirm-file"], indirect=True)
def test_confirm_file(reader, typed, certificate):
    """One up writes the file, which the emulator fetches over HTTPS, and adds the domain; destroy goes back."""
    *until_up, destroy = typed
    reader.type_all(until_up)
    resources = json.loads(reader.type("pulumi stack export"))["deployment"]["resources"]
    reader.type(destroy)

    dependencies = {r["urn"].rpartition("::")[2]: r.get("dependencies") for r in resources}
    assert [urn.rpartition("::")[2] for urn in dependencies["app"]] == ["at-root"]
    with closing(EmulatorControl(reader.environment["WECHAT_MINIPROGRAM_ENDPOINT"])) as control:
        writes = [(call.action, call.domains, call.errcode) for call in control.writes()]
        file_name = control.state(APPID).file_name
    assert writes == [(action, ("https://app.example.com",), 0) for action in ("set", "delete")]
    served, _ = reader.close()
    assert served.count(f'"GET /{file_name} HTTP/1.1" 200') == 1
    assert list((reader.folder / "www").iterdir()) == []


@pytest.mark.parametrize("reader", ["additive"], indirect=True)
def test_additive(reader, typed):
    """Both stacks add their domain, and the destroy of one leaves the other's."""
    *_, both, _, one = reader.type_all(typed)

    assert "https://shop.example.com  pending" in both
    assert "https://pay.example.com  pending" in both
    assert "shop.example.com" not in one
    assert "https://pay.example.com  pending" in one


@pytest.mark.parametrize("reader", ["authorizers"], indirect=True)
def test_authorizers(reader, typed):
    """Each app gets the domain; one that leaves is dropped from the state, and its list stays as it is."""
    *until_left, up, _ = typed
    *_, both, _ = reader.type_all(until_left)
    left = reader.type(up)
    reader.type(typed[-1])

    assert "+ 3 created" in both
    assert "- 1 deleted" in left
    with closing(EmulatorControl(reader.environment["WECHAT_MINIPROGRAM_ENDPOINT"])) as control:
        writes = [(call.appid, call.action) for call in control.writes()]
        live = [control.live(appid) for appid in control.appids()]
    assert sorted(writes) == [(APPID, "add"), ("wxfedcba9876543210", "add")]
    assert live == [["https://app.example.com"]] * 2


@pytest.mark.parametrize("reader", ["platform"], indirect=True)
def test_platform(reader, typed, certificate):
    """The platform's lists come first, nothing is called twice, and hosts leave them only where they may."""
    *until_up, first, second, allowed, destroy = typed
    reader.type_all([*until_up, first])
    with closing(EmulatorControl(reader.environment["WECHAT_MINIPROGRAM_ENDPOINT"])) as control:
        writes = [(call.path.rpartition("/")[2], call.errcode) for call in control.writes()]
        control.clear_calls()
        again = reader.type(second)
        unchanged = control.calls()
        live = control.state(APPID)
        refused = reader.run(destroy)
        kept = control.state(APPID)
        reader.type_all([allowed, destroy])
        left = reader.type("pulumi stack export")

    for own, taken in (
        ("modify_wxa_jump_domain", "setwebviewdomain"),
        ("modify_wxa_server_domain", "modify_domain"),
    ):
        names = [each for each, _ in writes]
        assert names.count(taken) == 2
        assert names.index(own) < names.index(taken)
    assert {errcode for _, errcode in writes} == {0}
    assert "9 unchanged" in again
    assert unchanged == []
    assert refused.returncode
    assert "protected" in refused.stdout
    assert kept == live
    assert "MiniProgram" not in left


@pytest.mark.parametrize("reader", ["onboarding"], indirect=True)
def test_onboarding(reader, typed, certificate):
    """Each list is written once; the second run calls nothing, and after the release nothing waits."""
    *until_up, up, release, refresh, allowed, destroy = typed
    reader.type_all(until_up)
    with closing(EmulatorControl(reader.environment["WECHAT_MINIPROGRAM_ENDPOINT"])) as control:
        shown = reader.type(up)
        calls = [(call.path.rpartition("/")[2], call.action) for call in control.calls()]
        control.clear_calls()
        again = reader.type(up)
        unchanged = control.calls()
        reader.type_all([release, refresh])
        refreshed = json.loads(reader.type("pulumi stack output --json"))
        reader.type_all([allowed, destroy])
        left = reader.type("pulumi stack export")

    writes = [name for name, action in calls if action in {"set", "add"} or name.startswith("set_")]
    assert sorted(writes) == [
        "modify_domain",
        "modify_domain_directly",
        "modify_wxa_jump_domain",
        "modify_wxa_server_domain",
        "set_prefetchdnsdomain",
        "setwebviewdomain",
        "setwebviewdomain_directly",
    ]
    assert "https://shop.example.net" in shown
    assert "unchanged" in again
    assert unchanged == []
    assert refreshed["in force after it"] == [[], [], {"request": [], "socket": []}, {"download": []}]
    assert "MiniProgram" not in left


@pytest.mark.parametrize("reader", ["operations"], indirect=True)
def test_operations(reader, typed, tmp_path):
    """By the README's commands, by the step of the workflow and by the unit, the alert arrives within one run."""
    quiet, *_ = printed = reader.type_all(typed)[-3:]
    workflow = yaml.safe_load((reader.folder / ".github/workflows/drift.yml").read_text(encoding="utf-8"))
    (step,) = (each["run"] for each in workflow["jobs"]["drift"]["steps"] if each.get("name") == "Compare")
    summary = tmp_path / "summary"
    reader.environment |= {"STACK": "dev", "GITHUB_STEP_SUMMARY": str(summary)}
    of_workflow = reader.run(step)
    unit = (reader.folder / "systemd/wechat-drift.service").read_text(encoding="utf-8")
    (command,) = re.findall("^ExecStart=/opt/wechat/bin/(.*)$", unit, re.MULTILINE)
    (secret,) = re.findall("^Environment=WECHAT_MINIPROGRAM_ALERT_URL=(.*)$", unit, re.MULTILINE)
    (tmp_path / "alert-url").write_text(reader.environment["WECHAT_MINIPROGRAM_ALERT_URL"], encoding="utf-8")
    reader.environment["WECHAT_MINIPROGRAM_ALERT_URL"] = secret.replace("%d", str(tmp_path))
    command = command.replace("/var/lib/pulumi", ".").replace(
        "/var/lib/node_exporter/textfile", str(tmp_path)
    )
    of_unit = reader.run(command)
    alerts, _ = reader.close()

    alert = (
        "Mini Program domains: 1 of 1 differs from what is declared.\n"
        "\n"
        "wx0123456789abcdef (shop/dev: shop)\n"
        "Added outside Pulumi: https://promo.example.net\n"
        "To keep it, declare it in the program. To remove it, run `pulumi refresh`, then `pulumi up`.\n"
    )
    assert alerts == alert * 3
    assert quiet.endswith("\n1 Mini Program compared, 0 with drift, 0 failed\n")
    assert printed[-1].endswith("\nexit code 2\n")
    assert (of_workflow.returncode, of_unit.returncode) == (2, 2)
    assert (
        "| drift | wx0123456789abcdef | shop/dev: shop | extra https://promo.example.net; pending"
        in summary.read_text(encoding="utf-8")
    )
    assert 'wechat_miniprogram_drift_apps{result="drift"} 1\n' in (tmp_path / "wechat.prom").read_text(
        encoding="utf-8"
    )


@pytest.mark.skipif(not shutil.which("openssl"), reason="only the reader of the example needs openssl")
def test_the_certificate_of_the_readme_passes_the_strictest_rules(tmp_path):
    """Python 3.13 looks closer than earlier versions do, and other clients ignore the common name."""
    typed = commands(EXAMPLES / "confirm-file/README.md", "On the emulator")
    (command,) = [line for line in typed if line.startswith("openssl ")]
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    client = ssl.create_default_context(cafile=tmp_path / "cert.pem")
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    client.hostname_checks_common_name = False
    host = Host(server, GOOD)

    with closing(host), socket.create_connection(host.socket.getsockname()) as plain:
        secured = client.wrap_socket(plain, server_hostname="app.example.com")
        secured.close()


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.parent.name)
def test_a_readme_of_an_example_is_short(readme):
    """At most 40 lines: the rest is said where it is looked for."""
    assert len(readme.read_text(encoding="utf-8").splitlines()) <= 40
