"""An appid that another resource computes: what the engine asks then must not cost the live list."""

from __future__ import annotations

from tests.engine.conftest import APPID, A, B

ACCOUNT = '''
class _Account(pulumi.dynamic.ResourceProvider):
    """Gives the same appid for ever; a changed trigger replaces it, and deletes first."""

    def create(self, props):
        return pulumi.dynamic.CreateResult("account", {{**props, "appid": {appid!r}}})

    def diff(self, _id, olds, news):
        changed = olds["trigger"] != news["trigger"]
        return pulumi.dynamic.DiffResult(changes=changed, replaces=["trigger"] if changed else [],
                                         delete_before_replace=True)


class Account(pulumi.dynamic.Resource):
    appid: pulumi.Output[str]

    def __init__(self, name, trigger):
        super().__init__(_Account(), name, {{"trigger": trigger, "appid": None}})


account = Account("account", {trigger!r})
MiniProgramConfirmFile("file", appid=account.appid)
MiniProgramWebviewDomains("shop", appid=account.appid, domains={domains!r})
'''


def test_an_account_that_is_replaced_with_the_same_appid_costs_nothing(project):
    """The engine asks every dependent of a delete-first replacement whether it must be deleted before."""
    domains = [A, B]
    project.program(ACCOUNT.format(appid=APPID, trigger="1", domains=domains))
    project.up()
    project.control.release(APPID)
    project.calls()
    project.program(ACCOUNT.format(appid=APPID, trigger="2", domains=domains))

    project.preview()
    project.up()

    assert project.control.writes(APPID) == []
    assert project.control.effective(APPID) == [A, B]
