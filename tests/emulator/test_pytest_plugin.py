"""The pytest plugin in somebody else's project, run by pytest as its own process."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import APPID, examples

A = "https://a.example.com"


@pytest.fixture
def project(pytester):
    """A project with no configuration of its own for the plugin; runs its tests."""

    def run(test, *arguments, ini="", conftest=""):
        pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}")
        pytester.makeconftest(conftest)
        pytester.makepyfile(test)
        return pytester.runpytest_subprocess(*arguments)

    return run


def test_the_example_on_the_page_passes(project, pytester):
    """A reader copies a configuration, a seed and a test file, and runs pytest."""
    test, ini = examples("python")[0], examples("ini")[0]
    pytester.path.joinpath("tests").mkdir()
    pytester.path.joinpath("tests/wechat.yaml").write_text(examples("yaml")[0], encoding="utf-8")

    result = project(test, ini=ini.removeprefix("[pytest]\n"))

    result.assert_outcomes(passed=test.count("def test_"))
    assert result.ret == 0


def test_a_run_that_asks_for_no_fixture_imports_nothing(project):
    """The plugin is loaded in every run of an environment that has the package."""
    result = project(
        """
        import sys

        def test_it(request):
            assert request.config.pluginmanager.has_plugin("wechat-miniprogram")
            ours = {name for name in sys.modules if name.startswith(("pulumi_wechat", "wechat_miniprogram"))}
            assert ours == {"wechat_miniprogram_emulator", "wechat_miniprogram_emulator.pytest_plugin"}
            assert not {"httpx", "pulumi", "pydantic", "starlette", "uvicorn", "yaml"} & set(sys.modules)
        """
    )

    result.assert_outcomes(passed=1)


def test_each_test_meets_an_emulator_that_is_as_new(project):
    """One server for the run, nothing of the test before."""
    result = project(
        f"""
        import pytest

        @pytest.mark.parametrize("run", [1, 2])
        def test_it(wechat_emulator, wechat_emulator_server, run):
            assert (wechat_emulator.appids(), wechat_emulator.calls()) == ([], [])
            assert wechat_emulator.url == wechat_emulator_server.url
            wechat_emulator.seed("{APPID}", live=["{A}"])
            wechat_emulator.fault(errcode=-1)
        """
    )

    result.assert_outcomes(passed=2)


def test_each_test_starts_with_the_seed_of_the_configuration(project, pytester):
    """Again and again, whatever a test did to it."""
    pytester.maketxtfile(wechat=f"apps:\n- {{appid: {APPID}, live: [{A}]}}\nswitches: {{empty_get: omit}}\n")

    result = project(
        f"""
        import pytest

        @pytest.mark.parametrize("run", [1, 2])
        def test_it(wechat_emulator, run):
            assert wechat_emulator.live("{APPID}") == ["{A}"]
            wechat_emulator.seed("{APPID}")
        """,
        ini="wechat_emulator_seed = wechat.txt\n",
    )

    result.assert_outcomes(passed=2)


def test_the_seed_is_looked_for_from_the_root(project, pytester):
    """Wherever pytest is started."""
    pytester.maketxtfile(wechat=f"apps: [appid: {APPID}]")
    pytester.mkdir("below").joinpath("test_below.py").write_text(
        f"def test_it(wechat_emulator):\n    assert wechat_emulator.appids() == ['{APPID}']\n",
        encoding="utf-8",
    )

    result = project("", "--rootdir", pytester.path, "below", ini="wechat_emulator_seed = wechat.txt\n")

    result.assert_outcomes(passed=1)


def test_a_module_may_have_its_own_seed(project):
    """By a fixture of the same name."""
    result = project(
        f"""
        import pytest

        @pytest.fixture
        def wechat_emulator_seed():
            return {{"apps": [{{"appid": "{APPID}"}}]}}

        def test_it(wechat_emulator):
            assert wechat_emulator.appids() == ["{APPID}"]
        """
    )

    result.assert_outcomes(passed=1)


def test_a_project_may_start_it_in_its_own_way(project, pytester):
    """The arguments of the emulator come from a fixture; they outlive the reset between tests."""
    result = project(
        """
        def test_it(wechat_emulator, wechat_emulator_server):
            assert wechat_emulator.switches()["empty_get"] == "omit"
        """,
        conftest="""
        import pytest

        @pytest.fixture(scope="session")
        def wechat_emulator_options(tmp_path_factory):
            return {"switches": {"empty_get": "omit"}, "data": tmp_path_factory.mktemp("wechat") / "data.db"}
        """,
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("ini", "conftest", "reported"),
    [
        ("wechat_emulator_seed = nowhere.yaml\n", "", "*wechat_emulator: *No such file or directory: '*nowhere.yaml'"),
        ("wechat_emulator_seed = tox.ini\n", "", "wechat_emulator: */tox.ini:2: not valid YAML: *"),
        ("", "import pytest\n@pytest.fixture(scope='session')\ndef wechat_emulator_options():\n    return {'switches': {'x': '1'}}", "wechat_emulator: switches: body: unknown: x; allowed: *"),
        ("", "import pytest\n@pytest.fixture(scope='session')\ndef wechat_emulator_options():\n    return {'colour': 1}", "wechat_emulator: *unexpected keyword argument 'colour'"),
        ("", "import pytest\n@pytest.fixture\ndef wechat_emulator_seed():\n    return {'apps': [{}]}", (
            "wechat_emulator: apps.0.appid: is missing"
        )),
        ("", "import sys\nsys.modules['uvicorn'] = None", "wechat_emulator: the emulator needs uvicorn: pip install 'pulumi-wechat-miniprogram[[]emulator[]]'"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_without_a_traceback(project, ini, conftest, reported):
    """In the run's output, under the test that met it."""
    result = project("def test_it(wechat_emulator):\n    pass\n", ini=ini, conftest=conftest)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([reported])
    result.stdout.no_fnmatch_line("*During handling*")


def test_the_fixtures_and_the_option_are_listed(project):
    """`pytest --fixtures` and `pytest --help` tell what there is."""
    fixtures = project("", "--fixtures", "-q").stdout.str()
    options = project("", "--help").stdout.str()

    assert "wechat_emulator -- " in fixtures
    assert "Return the control of a fresh emulator that has only its seed." in fixtures
    assert "wechat_emulator_seed (string):" in options
