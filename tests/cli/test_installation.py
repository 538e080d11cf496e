"""What `doctor` says of a machine: how the engine finds the plugin, and what costs time."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest
import yaml

from pulumi_wechat_miniprogram.cli.installation import check_installation

PLUGIN = "pulumi-resource-wechat-miniprogram"
SCRIPTS = Path(sys.executable).parent
LINES = "plugins: {providers: [{name: other, path: other}, {name: wechat-miniprogram, path: bin}]}"


def executable(file):
    """Make a file that can be run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o755)


@pytest.fixture
def found(tmp_path):
    """Looks from a folder of a project, and returns name, status and text of each finding of those names."""
    (tmp_path / "program").mkdir()

    def found(project, *names, processors=4, **environ):
        if project is not None:
            (tmp_path / "Pulumi.yaml").write_text(f"name: test\n{project}\n", encoding="utf-8")
        home = {"HOME": str(tmp_path), "PULUMI_HOME": str(tmp_path / "home"), **environ}
        checks = check_installation(tmp_path / "program", home, processors)
        return [(check.name, check.status, check.text) for check in checks if check.name in names]

    return found


def test_a_folder_that_pulumi_yaml_names_is_found(found, tmp_path):
    """Relative to the file, from a folder below it; PATH does not matter then."""
    executable(tmp_path / "bin" / PLUGIN)

    assert found(f"runtime: yaml\n{LINES}", "plugin", PATH=str(SCRIPTS)) == [
        ("plugin", "ok", "Pulumi.yaml finds it in bin")
    ]


@pytest.mark.parametrize(("language", "status"), [("yaml", "failed"), ("python", "skipped")])
def test_the_line_for_pulumi_yaml_is_printed(found, language, status):
    """With it the plugin is found. A Python program may be one of dynamic resources, which needs none."""
    ((_, before, text),) = found(f"runtime: {language}", "plugin", PATH="")
    line = text.splitlines()[-1]

    ((_, after, _),) = found(f"runtime: {language}\n{line}", "plugin", PATH="")

    assert (before, after) == (status, "ok")
    assert not Path(yaml.safe_load(line)["plugins"]["providers"][0]["path"]).is_absolute()


@pytest.mark.parametrize(
    ("language", "status"), [("nodejs", "warning"), ("python", "ok"), ("{name: go, options: {}}", "warning")]
)
def test_on_path_it_works_with_warnings(found, language, status):
    """And the text has the line that ends them."""
    ((_, seen, text),) = found(f"runtime: {language}", "plugin", PATH=str(SCRIPTS))

    assert seen == status
    assert text.startswith(f"Pulumi finds {SCRIPTS / PLUGIN} on PATH, and warns about it")
    assert "plugins: {providers: [" in text


def test_an_installed_one_is_found_where_path_is_not_asked(found, tmp_path):
    """Each version; half of an installation is none."""
    for version in ("0.2.0", "0.1.0"):
        executable(tmp_path / f"home/plugins/resource-wechat-miniprogram-v{version}" / PLUGIN)
    (tmp_path / "home/plugins/resource-wechat-miniprogram-v0.3.0.partial").touch()

    checks = found("runtime: yaml", "plugin", PATH=str(SCRIPTS), PULUMI_IGNORE_AMBIENT_PLUGINS="true")

    assert checks == [("plugin", "ok", f"installed in {tmp_path}/home/plugins: 0.1.0, 0.2.0")]


@pytest.mark.parametrize(
    ("made", "problem"),
    [(False, "bin in Pulumi.yaml is not a folder: every Pulumi command fails"), (True, f"holds no {PLUGIN}")],
)
def test_a_wrong_folder_has_failed(found, tmp_path, made, problem):
    """For every program, since the engine looks nowhere else."""
    (tmp_path / ("bin" if made else "elsewhere")).mkdir()

    ((_, status, text),) = found(f"runtime: python\n{LINES}", "plugin", PATH=str(SCRIPTS))

    assert status == "failed"
    assert problem in text


@pytest.mark.parametrize("project", ["runtime: [", "runtime: 1", "plugins: []"])
def test_a_project_that_cannot_be_read_has_failed(found, project):
    """By the name of its file."""
    ((_, status, text),) = found(project, "plugin")

    assert status == "failed"
    assert "Pulumi.yaml cannot be read: " in text


def test_without_a_project_no_plugin_is_looked_for(found):
    """Nor what depends on it."""
    assert found(None, "plugin", "parallel", "pip-list", processors=1) == []


@pytest.mark.parametrize(
    ("processors", "environ", "reported"),
    [(2, {}, True), (4, {}, False), (2, {"PULUMI_PARALLEL": "8"}, False)],
)
def test_few_processors_leave_calls_unused(found, processors, environ, reported):
    """Unless the user has chosen."""
    checks = found("runtime: python", "parallel", PATH=str(SCRIPTS), processors=processors, **environ)

    assert bool(checks) == reported
    assert all("asks for 8 operations" in text and "PULUMI_PARALLEL=16" in text for *_, text in checks)


def test_parallel_calls_need_the_plugin(found):
    """The dynamic provider makes four, whatever the engine asks for."""
    assert found("runtime: python", "parallel", PATH="", processors=2) == []


@pytest.mark.parametrize(
    ("runtime", "reported"),
    [
        ("python", True),
        ("{name: python}", True),
        ("{name: python, options: {toolchain: uv}}", False),
        ("yaml", False),
    ],
)
def test_a_lock_file_can_stand_in_for_pip_list(found, tmp_path, runtime, reported):
    """Where its tool is there and not chosen yet."""
    (tmp_path / "uv.lock").touch()
    executable(tmp_path / "tools/uv")

    checks = found(f"runtime: {runtime}", "pip-list", PATH=str(tmp_path / "tools"))

    assert bool(checks) == reported
    assert all("options: {toolchain: uv}" in text for *_, text in checks)
    assert found(f"runtime: {runtime}", "pip-list", PATH="") == []


def test_missing_byte_code_is_reported_with_the_command(found, tmp_path, monkeypatch):
    """Only where it is missing."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))

    ((_, status, text),) = found(None, "byte-code")

    assert status == "warning"
    assert "missing for grpc, pulumi, pydantic: " in text
    assert text.splitlines()[-1].startswith(f"{sys.executable} -m compileall -q /")


@pytest.mark.parametrize(
    ("project", "reported"), [(None, True), ("runtime: python", True), ("runtime: go", False)]
)
def test_an_ignored_interrupt_is_reported(found, project, reported):
    """Pulumi's host of Python programs inherits it."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        checks = found(project, "sigint")
    finally:
        signal.signal(signal.SIGINT, before)

    assert bool(checks) == reported
    assert all("env --default-signal=INT pulumi up" in text for *_, text in checks)
    assert found(project, "sigint") == []
