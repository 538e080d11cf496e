from __future__ import annotations

import pytest

HOSTILE = {
    "WECHAT_MINIPROGRAM_ENDPOINT": "https://evil.invalid",
    "WECHAT_MINIPROGRAM_ACCESS_TOKENS": '{"wx0123456789abcdef":\n "evil.invalid"}',
    "wechat_miniprogram_access_token": "evil.invalid",
    "WECHAT_APPID": "evil.invalid",
    "PULUMI_ACCESS_TOKEN": "evil.invalid",
    "PULUMI_BACKEND_URL": "https://evil.invalid",
    "PULUMI_CONFIG_PASSPHRASE": "evil.invalid",
    "PULUMI_CONFIG_PASSPHRASE_FILE": "/evil.invalid",
    "PULUMI_HOME": "/evil.invalid",
    "PULUMI_STACK": "evil.invalid",
    "Pulumi_Run_Program": "evil.invalid",
}


def variables(listing: str) -> dict[str, str]:
    return dict(entry.split("=", 1) for entry in listing.split("\0") if entry)


def test_the_callers_variables_are_dropped_and_the_quickstarts_set(checkout):
    """A command sees Pulumi variables of the project's own folders, and no WeChat variable."""
    answer = checkout.tool("with-clean-env", "env", "-0", UNRELATED="kept", **HOSTILE)

    found = variables(answer.stdout)
    assert {name: found[name] for name in sorted(found) if name.lower().startswith(("wechat", "pulumi"))} == {
        "PULUMI_BACKEND_URL": f"file://{checkout.root}/.quickstart/state",
        "PULUMI_CONFIG_PASSPHRASE": "quickstart",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        "PULUMI_DISABLE_REGISTRY_RESOLVE": "true",
        "PULUMI_DIY_BACKEND_NO_LEGACY_WARNING": "true",
        "PULUMI_HOME": f"{checkout.root}/.quickstart/pulumi",
        "PULUMI_SKIP_CONFIRMATIONS": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_SUPPRESS_NEO_LINK": "true",
    }
    assert found["UNRELATED"] == "kept"
    assert "evil.invalid" not in answer.stdout


def test_the_python_environment_is_first_on_path(checkout):
    """Pulumi starts the Python of .venv, whatever Python the shell has."""
    answer = checkout.tool("with-clean-env", "env", "-0")

    assert variables(answer.stdout)["PATH"].split(":")[:2] == [
        str(checkout.root / ".venv/bin"),
        str(checkout.fakes),
    ]


def test_the_pulumi_cli_comes_after_the_python_environment(checkout):
    """The folder of a system-wide CLI may hold a python3 too, which must not win."""
    system_wide = checkout.root.parent / "usr bin"
    checkout.fake_pulumi("v3.260.0", system_wide)

    answer = checkout.tool("with-clean-env", "--pulumi", "env", "-0", PATH=f"{checkout.system}:{system_wide}")

    assert variables(answer.stdout)["PATH"].split(":")[:2] == [
        str(checkout.root / ".venv/bin"),
        str(system_wide),
    ]
    assert (checkout.root / ".quickstart/state").is_dir()


@pytest.mark.parametrize("status", ["0", "7"])
def test_the_commands_exit_status_is_passed_on(checkout, status):
    """Make and CI see how the command ended."""
    answer = checkout.tool("with-clean-env", "sh", "-c", f"exit {status}")

    assert answer.returncode == int(status)


def test_without_a_pulumi_cli_the_command_is_not_run(checkout):
    """A command that needs Pulumi fails before it starts."""
    answer = checkout.tool("with-clean-env", "--pulumi", "touch", "started", MINIPROGRAM_CLI_SOURCE="path")

    assert answer.returncode == 1
    assert not (checkout.root.parent / "started").exists()


def test_without_a_command_it_tells_its_usage(checkout):
    """Wrong usage ends with 2 and the script's own description."""
    answer = checkout.tool("with-clean-env")

    assert answer.returncode == 2
    assert "tools/with-clean-env [--pulumi] COMMAND [ARGUMENT...]" in answer.stderr
