"""Resources that pass from one provider process to another: a change of face or provider with more than that.

One process creates, another one deletes, and the engine tells neither of the other.
"""

from __future__ import annotations

import json

import pytest

from tests.engine.conftest import APPID, A, B, C, resource

ACME = f"acme = Provider('acme', access_tokens={{{APPID!r}: 'emulator-{APPID}'}})\n"
GET = f"MiniProgramWebviewDomains.get('shop', {APPID!r})\n"


def listed(*domains, name="shop", opts="", **inputs):
    """A line of a program: one resource with options."""
    inputs = {"appid": APPID, "domains": list(domains), **inputs}
    given = "".join(f", {key}={value!r}" for key, value in inputs.items())
    return f"MiniProgramWebviewDomains({name!r}{given}, opts=pulumi.ResourceOptions({opts}))\n"


def in_force(project):
    """What is on the live list and in force, after calls of which none emptied the list."""
    assert project.control.live(APPID) == project.control.effective(APPID)
    return project.control.effective(APPID)


@pytest.mark.parametrize(
    ("program", "replaced"),
    [
        (listed(A, B), True),
        (listed(A, B, opts="delete_before_replace=True"), True),
        (listed(A, B, name="store"), False),
        (ACME + listed(A, B, name="store", opts="provider=acme"), False),
        (GET, False),
    ],
    ids=["tainted", "tainted, delete first", "renamed", "renamed, other provider", "get"],
)
@pytest.mark.parametrize("face", [""])
def test_a_change_of_face_with_more_than_that_loses_nothing(released, program, replaced):
    """A rename without an alias creates a resource and deletes another one, as a replacement does."""
    if replaced:
        released.run("state", "taint", released.resources()["shop"]["urn"], "--yes")
    released.face = ".native"
    released.program(program)

    printed = released.up()

    assert in_force(released) == [A, B]
    assert "set" not in released.calls()
    assert "stay on the live list" in printed


def test_a_change_of_provider_with_a_replacement_loses_nothing(native, prepare):
    """Both providers are of the native face, each a process of its own."""
    native.begin(prepare(".native", resource(A, B)))
    urn = native.resources()["shop"]["urn"]
    native.program(ACME + listed(A, B, opts="provider=acme"))

    native.up("--replace", urn)

    assert in_force(native) == [A, B]
    assert not {"set", "add", "delete"} & set(native.calls())


def test_a_replacement_removes_what_no_process_declares(native, prepare):
    """What is spared is what the other process declares, not more."""
    native.begin(prepare(".native", resource(A, B)))
    native.program(ACME + listed(A, name="store", opts="provider=acme", overwrite_existing=True))

    native.up()

    assert in_force(native) == [A]


def test_two_faces_share_no_domain(project):
    """Each would spare what the other one declares, and none would ever remove it. Other domains are a warning."""
    project.program(
        "from pulumi_wechat_miniprogram import native\n"
        + listed(A, B, name="one", mode="additive")
        + "native."
        + listed(B, C, name="two", mode="additive")
    )
    assert "Two providers cannot share a domain" in project.preview(fails=True)

    program = (
        "from pulumi_wechat_miniprogram import native\n"
        f"one = {listed(A, B, name='one', mode='additive')}native."
        + listed(C, name="two", mode="additive", opts="depends_on=[one]")
    )
    project.program(program)
    assert "Manage each Mini Program with a single provider" in project.up()
    assert project.control.live(APPID) == [A, B, C]
    project.destroy()
    assert project.control.live(APPID) == []


@pytest.mark.parametrize("face", [""])
def test_a_get_beside_another_resource_keeps_what_was_managed(project):
    """The engine deletes the resource of the other face, which has the name of what is read now."""
    beside = listed(C, name="two", mode="additive")
    project.program(listed(A, B, mode="additive") + beside)
    project.up()
    project.control.release(APPID)
    project.face = ".native"
    project.program(GET + beside)

    printed = project.up()

    assert sorted(in_force(project)) == [A, B, C]
    assert "this program now reads the list with `get` under the name of the resource" in printed


def test_an_import_does_not_remove_what_the_program_lacks(native):
    """It may have come after the preview, which showed only `~domains` of a resource that was never seen."""
    native.control.seed(APPID, live=[A, B], effective=[A, B])
    native.program(listed(A, opts=f"import_={APPID!r}"))

    refused = f"{B} of {APPID} was imported, but this program does not declare it"
    assert refused in native.preview(fails=True)
    assert refused in native.up(fails=True)
    assert refused in native.up(fails=True)  # by now the import is stored
    assert refused in native.preview(fails=True)

    assert in_force(native) == [A, B]
    native.program(listed(A, B, opts=f"import_={APPID!r}"))
    native.up()
    assert not {"set", "add", "delete"} & set(native.calls())


@pytest.mark.parametrize(
    "program", [GET, listed(A, B, name="store", opts=f"import_={APPID!r}")], ids=["get", "import"]
)
@pytest.mark.parametrize("face", [""])
def test_a_failed_read_does_not_empty_the_list(released, program):
    """With `--continue-on-error` the engine deletes what the program no longer has."""
    released.face = ".native"
    released.program(program)
    released.control.fault(action="get", errcode=45009)

    printed = released.up("--continue-on-error", fails=True)

    assert in_force(released) == [A, B]
    assert "stay on the live list" in printed


def test_a_failed_dependency_does_not_take_domains(released):
    """The list that it computes is known in part, and its resource is never created."""
    other = "wx1111111111111111"
    released.program(
        f"bad = {listed(C, name='bad', appid=other)}"
        f"MiniProgramWebviewDomains('store', appid={APPID!r}, domains=[{A!r}, bad.domains.apply(lambda _: {B!r})])\n"
    )

    released.up("--continue-on-error", fails=True)

    assert in_force(released) == [A, B]


SILENT = "pulumi.CustomResource('wechat-miniprogram:index:MiniProgramWebviewDomains', {!r}, {!r}, {})\n"


def silent(name, *domains, opts="pulumi.ResourceOptions()"):
    """A line of a program in another language: it says nothing of its other resources."""
    return f"{name} = " + SILENT.format(
        name, {"appid": APPID, "domains": list(domains), "mode": "additive"}, opts
    )


def test_resources_of_other_languages_share_no_domain(native):
    """The one that is checked first would never learn of it, and take it away one day."""
    native.program(silent("one", A, B) + silent("two", B, C))
    assert "A program in this language cannot tell the provider in time" in native.preview(fails=True)

    native.program(silent("one", A, B) + silent("two", C))
    native.up()
    native.up("--expect-no-changes")
    assert sorted(native.control.live(APPID)) == [A, B, C]


def test_a_domain_of_another_language_moves_in_the_right_order(native):
    """The preview refuses what would take it out of force, and names the way."""
    native.program(silent("one", A, B) + silent("two", C, opts="pulumi.ResourceOptions(depends_on=[one])"))
    native.up()
    native.control.release(APPID)
    native.refresh()
    after = silent("two", B, C, opts="pulumi.ResourceOptions(depends_on=[one])")

    native.program(silent("one", A) + after)
    assert "Make the resource that drops it depend on this one" in native.preview(fails=True)

    native.program(silent("two", B, C) + silent("one", A, opts="pulumi.ResourceOptions(depends_on=[two])"))
    native.up()

    assert in_force(native) == [A, B, C]
    native.up("--expect-no-changes")
    native.destroy()
    assert native.control.live(APPID) == []


def test_a_provider_of_its_own_does_not_pass_by_the_emulator(native):
    """Stack config names it, and an explicit provider reads none."""
    native.environment.pop("WECHAT_MINIPROGRAM_ENDPOINT")
    native.run("config", "set", "wechat-miniprogram:endpoint", native.control.url)
    native.program(ACME + listed(A, opts="provider=acme"))

    printed = native.preview(fails=True)

    assert "the provider acme needs an endpoint" in printed
    native.program(
        ACME.replace(")\n", f", endpoint={native.control.url!r})\n") + listed(A, opts="provider=acme")
    )
    native.up()
    assert native.control.live(APPID) == [A]
    assert json.dumps(native.export()).count("api.weixin.qq.com") == 0
