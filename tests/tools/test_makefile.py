from __future__ import annotations

import pytest

from tests.tools.conftest import ROOT, Checkout, fake_go

HOSTILE = {
    "WECHAT_MINIPROGRAM_ENDPOINT": "https://evil.invalid",
    "WECHAT_MINIPROGRAM_ACCESS_TOKEN": "evil.invalid",
    "WECHAT_APPID": "evil.invalid",
    "PULUMI_ACCESS_TOKEN": "evil.invalid",
    "PULUMI_BACKEND_URL": "https://evil.invalid",
    "PULUMI_HOME": "/evil.invalid",
}
TOOLS = ("coverage", "lint-imports", "mypy", "pyright", "python", "ruff", "wechat-miniprogram")


@pytest.fixture
def built(checkout: Checkout) -> Checkout:
    """A checkout whose environment is up to date and whose programs write down how they were called."""
    calls = checkout.root.parent / "calls"
    calls.mkdir()
    recorder = f'{{ echo "${{0##*/}} $*"; env; }} > "{calls}/$(date +%s%N)"'
    binaries = checkout.root / ".venv/bin"
    for name in TOOLS:
        checkout.fake(name, recorder, binaries)
    checkout.fake("pip", f"echo pip 26.3 from {checkout.root}/.venv/lib/pip", binaries)
    checkout.fake_pulumi("v3.272.0")
    checkout.fake(
        "pulumi",
        f"""
case "$*" in
  version) echo v3.272.0 ;;
  'stack ls --json') echo '[{{ "name": "quickstart" }}]' ;;
  *) {recorder}; mkdir -p "{checkout.root}/.quickstart/state/.pulumi" ;;
esac""",
    )
    stamp = checkout.run(
        "bash", "-c", ". tools/steps.sh; fingerprint pyproject.toml tools/pins.txt", folder=checkout.root
    )
    (checkout.root / ".venv/.stamp").write_text(stamp.stdout)
    return checkout


def make(checkout: Checkout, *arguments: str, **environment: str):
    return checkout.run("make", *arguments, folder=checkout.root, **environment)


def records(checkout: Checkout) -> list[str]:
    return [path.read_text() for path in sorted((checkout.root.parent / "calls").iterdir())]


def commands(checkout: Checkout) -> list[str]:
    return [record.splitlines()[0] for record in records(checkout)]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (
            "up",
            [
                "pulumi stack select --create quickstart",
                "pulumi up --yes --stack quickstart",
                "wechat-miniprogram emulator show --data .quickstart/wechat.db",
            ],
        ),
        ("refresh", ["pulumi refresh --yes --stack quickstart"]),
        (
            "destroy",
            ["pulumi destroy --yes --stack quickstart", "pulumi stack rm --yes quickstart"],
        ),
        (
            "lint",
            [
                "ruff check",
                "ruff format --check",
                "mypy ",
                "pyright --version",
                "pyright ",
                "lint-imports --no-cache",
                "python -m sphinx -EqW --keep-going -j auto -d .quickstart/doctrees/en docs dist/site",
                "python -m sphinx -EqW --keep-going -j auto -d .quickstart/doctrees/zh -c docs docs/zh dist/site/zh",
            ],
        ),
        ("format", ["ruff check --fix-only", "ruff format"]),
        (
            "test-fast",
            [
                "python -m pytest --numprocesses=auto --dist=loadfile --hypothesis-profile=fast "
                "--ignore=tests/benchmarks --ignore=tests/browser --ignore=tests/clients "
                "--ignore=tests/emulator --ignore=tests/engine --ignore=tests/tools --ignore=tests/wheel"
            ],
        ),
    ],
)
def test_no_variable_of_the_shell_reaches_a_command(built, target, expected):
    """Credentials and addresses of a production shell stop at the first line of every target."""
    answer = make(built, target, **HOSTILE)

    assert (answer.returncode, answer.stderr) == (0, "")
    assert commands(built) == expected
    assert "evil.invalid" not in "".join(records(built))


def test_the_tests_run_with_pulumi_and_without_the_shells_variables(built):
    """`make test` runs everything with coverage and then asks for all of it where that is promised."""
    answer = make(built, "test", **HOSTILE)

    run, gate = commands(built)
    assert answer.returncode == 0
    assert (
        run
        == "python -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder --cov --cov-report="
    )
    assert gate.startswith("coverage report --include=provider/pulumi_wechat_miniprogram/lifecycle/*,")
    assert gate.endswith(",provider/pulumi_wechat_miniprogram/alerting/* --fail-under=100")
    assert "evil.invalid" not in "".join(records(built))


def test_the_acceptance_lane_keeps_the_credentials_alone(built):
    """It is meant for the live service; Pulumi's variables stop as everywhere."""
    answer = make(built, "acceptance", **HOSTILE)

    assert (answer.returncode, commands(built)) == (0, ["python -m pytest acceptance"])
    assert "WECHAT_MINIPROGRAM_ENDPOINT=https://evil.invalid" in "".join(records(built))
    assert "PULUMI_BACKEND_URL=https://evil.invalid" not in "".join(records(built))


def test_the_sdks_come_from_the_plugins_schema(built):
    """The engine is asked for the schema, so that the SDKs have what it sees."""
    fake_go(built)

    answer = make(built, "sdks", **HOSTILE)

    assert answer.returncode == 0
    assert commands(built) == ["pulumi package get-schema .venv/bin/pulumi-resource-wechat-miniprogram"]
    assert "evil.invalid" not in "".join(records(built))


def test_variables_on_makes_own_command_line_do_not_pass_either(built):
    """`make up PULUMI_BACKEND_URL=…` does not get around it."""
    make(built, "up", *(f"{name}={value}" for name, value in HOSTILE.items()))

    environments = "".join(
        line for record in records(built) for line in record.splitlines() if not line.startswith("MAKE")
    )
    assert "evil.invalid" not in environments


def test_down_after_up_removes_the_stack_and_then_has_nothing_to_do(built):
    """`make down` may be run at any time."""
    before = make(built, "down")
    make(built, "up")
    answer = make(built, "down")

    assert before.stdout == "Nothing is up.\n"
    assert answer.returncode == 0
    assert commands(built)[-2:] == [
        "pulumi destroy --yes --stack quickstart",
        "pulumi stack rm --yes quickstart",
    ]


def test_clean_removes_what_make_made_and_keeps_the_rest(built):
    """After `make clean` the folder is as it was cloned."""
    make(built, "up")
    (built.root / "provider/__pycache__").mkdir(parents=True)
    (built.root / ".coverage").touch()

    answer = make(built, "clean")

    assert answer.returncode == 0
    assert sorted(path.name for path in built.root.iterdir()) == [
        ".ci",
        "Makefile",
        "provider",
        "pyproject.toml",
        "tools",
    ]
    assert list((built.root / "provider").iterdir()) == []


def test_help_names_every_target_of_a_user(checkout):
    """`make` alone shows the list."""
    answer = make(checkout)

    assert [line.split()[1] for line in answer.stdout.splitlines()] == [
        "help",
        "up",
        "refresh",
        "down",
        "test-fast",
        "test",
        "acceptance",
        "lint",
        "format",
        "docs",
        "docs-site",
        "sdks",
        "plugin-archive",
        "bench",
        "bench-quick",
        "clean",
    ]


def test_without_node_lint_says_what_to_install(built):
    """The reason is a Node.js that is not there, which pyright's own error does not say."""
    built.fake("pyright", "exit 1", built.root / ".venv/bin")

    answer = make(built, "lint")

    assert answer.returncode == 2
    assert answer.stderr.startswith("pyright needs Node.js 14 or newer on PATH.\n")


@pytest.mark.parametrize(
    ("failing", "status", "expected"),
    [("none", 0, ["lint", "test"]), ("lint", 2, ["lint"]), ("test", 2, ["lint", "test"])],
)
def test_ci_runs_lint_then_test_from_any_folder(checkout, failing, status, expected):
    """CI calls the two targets in the checkout, and ends as they do."""
    log = checkout.root.parent / "log"
    (checkout.system / "make").unlink()
    checkout.fake("make", f'echo "$PWD: $*" >> {log}; [ "$*" != {failing} ] || exit 2')

    answer = checkout.run(checkout.root / ".ci/run", CI="true")

    assert answer.returncode == status
    assert log.read_text().splitlines() == [f"{checkout.root}: {target}" for target in expected]


def test_the_coverage_gate_names_modules_that_exist():
    """A renamed module must not slip out of the gate."""
    makefile = (ROOT / "Makefile").read_text().splitlines()
    line = next(line for line in makefile if line.startswith("fully_covered"))
    package = ROOT / "provider/pulumi_wechat_miniprogram"

    assert [name for name in line.split(" := ")[1].split() if not (package / name).is_dir()] == []
