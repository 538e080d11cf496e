"""The floor of the dynamic face: a provider, imported by reference, that makes calls and nothing else."""

from __future__ import annotations

from typing import Any

import calls
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, ResourceProvider


class Calls(ResourceProvider):
    """Answers with outputs of the same shape and size as the package's."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        return CheckResult({key: news[key] for key in calls.INPUTS}, [])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=False)

    def create(self, props: dict[str, Any]) -> CreateResult:
        calls.create(props["appid"], props["domains"])
        return CreateResult(props["appid"], {**props, **calls.computed(props["appid"], props["domains"])})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        calls.read(id_)
        return ReadResult(id_, props, {key: props[key] for key in calls.INPUTS})

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        calls.delete(id_, props["domains"])
