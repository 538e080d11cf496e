"""A class of the user's that extends a resource keeps its type, and so its policies, inventory and drift."""

from __future__ import annotations

from tests.engine.conftest import APPID, A

PROGRAM = f'''
class Domains(MiniProgramWebviewDomains):
    """A company's own defaults."""

    def __init__(self, name, **inputs):
        super().__init__(name, mode="additive", **inputs)


class Deeper(Domains, module="mine", name="Mine"):
    """One more step, which asks for a type of its own."""


class File(MiniProgramConfirmFile):
    pass


File("file", appid={APPID!r})
Deeper("shop", appid={APPID!r}, domains={[A]!r})
'''


def test_a_subclass_has_the_type_of_its_base(project):
    """The token in the state is the one that every reader knows."""
    project.program(PROGRAM)

    project.up()

    types = {name: entry["type"] for name, entry in project.resources().items()}
    prefix = "pulumi-python:dynamic/wechat-miniprogram:MiniProgram"
    assert types == {"file": f"{prefix}ConfirmFile", "shop": f"{prefix}WebviewDomains"}
