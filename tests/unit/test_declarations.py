"""What the resources of one process declare and own: by check, diff, operation, program and state."""

from __future__ import annotations

import pytest

from pulumi_wechat_miniprogram.lifecycle.declarations import Declarations, Said, Siblings
from pulumi_wechat_miniprogram.safety.errors import UserError
from tests.bench import APPID, OTHER, A, B, C


def siblings(name, computed=(), **others):
    """What a program says to `name` of the others."""
    return Siblings(
        name, {other: frozenset(domains) for other, domains in others.items()}, frozenset(computed)
    )


def test_a_check_tells_what_a_resource_declares():
    """By appid, and not to the resource itself."""
    known = Declarations()
    known.check(APPID, [A, B], siblings("one", two=[B]))

    assert known.elsewhere(APPID) == {A: ("one",), B: ("one", "two")}
    assert known.elsewhere(APPID, but="one") == {B: ("two",)}
    assert known.elsewhere(OTHER) == {}


def test_a_check_counts_before_what_the_program_announced():
    """`ignore_changes` gives the engine another list than the program has."""
    known = Declarations()
    known.check(APPID, [A], siblings("one", two=[B]))
    known.check(APPID, [C], siblings("two", one=[A]))

    assert known.elsewhere(APPID, but="one") == {C: ("two",)}


def test_a_later_word_of_the_same_resource_counts_before_its_check():
    """A policy remediates between check and diff, or between check and create."""
    known = Declarations()
    known.check(APPID, [A, B], siblings("one", two=[]))
    known.check(APPID, [C, B], siblings("two", one=[A, B]))

    known.settle(APPID, "one", [A])
    known.settle(APPID, "two", [C])
    known.settle(APPID, "three", [B])
    assert known.elsewhere(APPID) == {A: ("one",), C: ("two",)}


def test_resources_without_a_name_are_kept_apart():
    """A program that could not be asked: equal checks are one resource, which the engine asks twice."""
    known = Declarations()
    names = [known.check(APPID, domains, Siblings()) for domains in ([A], [A], [B])]

    assert names == ["#0", "#0", "#1"]
    assert known.elsewhere(APPID) == {A: ("#0",), B: ("#1",)}


def test_a_state_tells_of_its_siblings_where_no_program_is_run():
    """Until the resources that it names are gone."""
    known = Declarations()
    shared = {A: ("one", "two")}

    assert known.elsewhere(APPID, shared) == shared
    known.leave(APPID, "one", {A: ("two", "three")})
    assert known.elsewhere(APPID, shared) == {A: ("two",)}
    assert known.inherited(APPID, "three") == ()
    known.leave(APPID, "two", {})
    assert known.elsewhere(APPID, shared) == {}
    assert known.inherited(APPID, "three") == (A,)
    assert known.owned(APPID, but="three") == {A}


def test_the_word_of_a_state_counts_until_a_check():
    """The program may be about to change a resource, or policy and `ignore_changes` may; its check is the last word."""
    known = Declarations()
    shared = {A: ("gone", "late")}
    known.check(APPID, [B], siblings("one", computed=["late"]))

    assert known.elsewhere(APPID, shared, but="one") == {A: ("gone", "late")}
    assert known.shared(APPID, [A, B], shared, but="one") == {A: ("late",)}
    assert known.elsewhere(APPID, but="one", owned=[C]) == {C: ("late",)}
    known.check(APPID, [C], siblings("late", one=[B]))
    assert known.elsewhere(APPID, shared, but="one", owned=[B]) == {A: ("gone",), C: ("late",)}
    assert known.shared(APPID, [A, B], shared, but="one") == {}


def test_resources_of_a_computed_appid_are_named():
    """Until they are checked for this one."""
    known = Declarations()
    known.check(APPID, [A], Siblings("one", anywhere=frozenset({"two"})))

    assert known.unknown(APPID) == ("two",)
    known.check(APPID, [B], Siblings("two"))
    assert known.unknown(APPID) == ()


def test_what_a_resource_left_to_others_is_removed_once_they_are_done():
    """Not while one declares it or is still to be checked; never if those that had it are out of sight."""
    shared = {A: ("two",)}

    def verdict(*checks, leaves=()):
        known = Declarations()
        known.check(APPID, [], siblings("one"))
        for domains, said in checks:
            known.check(APPID, domains, said)
        for name in leaves:
            known.leave(APPID, name, {})
        return known.may_remove(APPID, A, shared, but="one")

    assert verdict(([A], siblings("two"))) is False
    assert verdict(([], siblings("three", two=[]))) is False
    assert verdict(([], siblings("three", computed=["two"]))) is False
    assert verdict(([B], siblings("two"))) is True
    assert verdict(leaves=["two"]) is True
    assert verdict() is None
    assert Declarations().may_remove(APPID, B, shared, but="one") is None


def test_a_failed_program_and_a_coming_creation_are_remembered():
    """By appid."""
    known = Declarations()
    assert not known.failed(APPID)
    known.replace(APPID)
    assert known.replaced(APPID)

    known.check(APPID, [A], Siblings("one", failed=True))

    assert known.failed(APPID)
    assert not known.failed(OTHER)
    assert not known.replaced(APPID)


def test_what_was_removed_and_is_put_back():
    """Each is reported only one time."""
    known = Declarations()
    known.remove(APPID, [A, B])

    assert known.removed(APPID, [C, A]) == (A,)
    assert known.restore(APPID, [C, A]) == (A,)
    assert known.restore(APPID, [A]) == ()
    assert known.removed(APPID, [A, B]) == (B,)


def test_owners_are_the_resources_that_put_a_domain_there():
    """The last word of a resource counts; one without a name is not followed."""
    known = Declarations()
    known.own(APPID, "one", [A, B])
    known.own(APPID, "two", [B])
    known.own(APPID, "", [C])
    known.own(APPID, "one", [A])

    assert known.owned(APPID, but="two") == {A}
    assert known.owned(APPID, but="one") == {B}
    assert known.owned(OTHER, but="") == frozenset()


def test_what_was_spared_for_a_resource_that_does_not_declare_it_is_an_orphan():
    """A policy took it from the one that was to have it."""
    known = Declarations()
    known.check(APPID, [A], siblings("one", two=[B]))
    known.spare(APPID, [B])
    assert known.orphans(APPID) == frozenset()

    known.check(APPID, [B], siblings("two", one=[A]))
    known.settle(APPID, "two", [])

    assert known.orphans(APPID) == {B}
    known.remove(APPID, [B])
    assert known.orphans(APPID) == frozenset()
    assert known.was_checked(APPID)
    assert not known.was_checked(OTHER)


@pytest.fixture
def pair():
    """What two processes of a run know, each of which tells the other one."""
    one: Declarations = Declarations(lambda said: two.hear(said))  # noqa: PLW0108 - `two` does not exist yet
    two = Declarations(one.hear)
    return one, two


def test_what_another_process_declares_counts_as_declared(pair):
    """Also what has the name of a resource here, which moved from there."""
    known, other = pair
    known.check(APPID, [A], siblings("one"))
    other.check(APPID, [B], siblings("one"))

    assert known.elsewhere(APPID, known=[A, B]) == {A: ("one",), B: ("one",)}
    assert known.elsewhere(APPID, but="one", owned=[B]) == {B: ("one",)}
    assert known.heard(APPID) == ("one",)
    assert known.shared(APPID, [A, B], {}, but="one") == {B: ("one",)}
    other.check(APPID, [C], siblings("two"))
    assert known.may_remove(APPID, C, {C: ("two",)}, but="one") is False
    assert known.may_remove(APPID, A, {A: ("two",)}, but="one") is True
    other.settle(APPID, "two", [B])
    assert known.may_remove(APPID, C, {C: ("two",)}, but="one") is True


def test_a_process_that_hears_of_an_app_knows_that_a_program_runs(pair):
    """So it does not speak of a resource that the run may have left out."""
    known, other = pair

    assert not known.was_checked(APPID)
    other.check(APPID, [], siblings("one"))
    assert known.was_checked(APPID)


def test_what_another_process_removes_is_gone(pair):
    """Until it is put back."""
    known, other = pair
    other.remove(APPID, [A])

    assert known.removed(APPID, [A, B]) == (A,)
    assert known.restore(APPID, [A, B]) == (A,)
    assert known.removed(APPID, [A, B]) == ()


def test_a_removal_that_cannot_be_reported_is_done_all_the_same():
    """An error would hide what came of it."""

    def refuse(_said):
        raise UserError("no folder")

    known = Declarations(refuse)
    known.remove(APPID, [A])

    assert known.removed(APPID, [A]) == (A,)


def test_domains_are_reported_as_digests():
    """They may be secret, and those of two apps are not alike."""
    reported: list[Said] = []
    known = Declarations(reported.append)
    for appid in (APPID, OTHER):
        known.check(appid, [A], siblings("one"))

    (one,), (two,) = (said.domains for said in reported)
    assert A not in one + two
    assert one != two


def test_what_is_read_under_the_name_of_a_resource_takes_its_place(pair):
    """By a `get`, here or in another process, beside whatever else is declared."""
    known, other = pair
    known.check(APPID, [C], siblings("three"))
    known.adopt(APPID, "one (parent)", [A])
    other.adopt(APPID, "two", [B])

    assert known.read_as(APPID, "one", [A, B, C]) == {A}
    assert known.read_as(APPID, "two", [A, B, C]) == {B}
    assert known.read_as(APPID, "three", [A, B, C]) == frozenset()
    assert known.read_as(APPID, "", [A, B, C]) == {A, B}
    assert known.elsewhere(APPID, known=[A, B]) == {C: ("three",)}
    assert known.has_read("one")
    assert known.has_read("two")
    assert not known.has_read("three")


def test_what_is_about_to_be_read_may_declare_anything(pair):
    """If the read fails, nobody learns what: the engine may go on and delete another resource of the app."""
    known, other = pair
    known.expect(APPID, "one")
    other.expect(APPID, "two")

    assert known.elsewhere(APPID, known=[A]) == {A: ("one", "two")}
    assert known.elsewhere(APPID, owned=[A], but="one") == {A: ("two",)}
    assert known.may_remove(APPID, A, {}, but="three") is False
    assert known.clashes(APPID, [A]) == {}
    assert known.heard(APPID) == ()
    other.adopt(APPID, "two", [A])
    assert known.elsewhere(APPID, known=[A]) == {A: ("one",)}
    known.check(APPID, [B], siblings("one (2)"))
    assert known.elsewhere(APPID, known=[A, B]) == {B: ("one (2)",)}


def test_a_list_that_is_not_wholly_known_may_declare_anything(pair):
    """A resource on which it depends failed, and the engine goes on."""
    known, other = pair
    known.check(APPID, [A], siblings("one"), more=True)
    known.spare(APPID, [B])

    assert known.elsewhere(APPID, known=[A, B]) == {A: ("one",), B: ("one",)}
    assert other.elsewhere(APPID, known=[A, B]) == {A: ("one",), B: ("one",)}
    assert known.orphans(APPID) == frozenset()
    known.check(APPID, [A], siblings("one"))
    assert known.orphans(APPID) == {B}
    assert other.elsewhere(APPID, known=[A, B]) == {A: ("one",)}


def test_another_process_is_the_last_word_on_what_a_program_announced(pair):
    """A policy took a domain away there."""
    known, other = pair
    known.check(APPID, [B], siblings("one", two=[A]))
    assert known.elsewhere(APPID, known=[A]) == {A: ("two",), B: ("one",)}
    other.check(APPID, [C], siblings("two"))

    assert known.elsewhere(APPID, known=[A, C]) == {C: ("two",), B: ("one",)}


def test_a_domain_clashes_with_another_process(pair):
    """Neither knows what the other one put on the list."""
    known, other = pair
    known.check(APPID, [A, B], siblings("one", two=[A, C]))
    other.check(APPID, [B, C], siblings("two"))

    assert known.clashes(APPID, [A, B]) == {B: ("two",)}
    assert known.silent_clashes(APPID, "one", [A, B]) == {}


def test_a_domain_clashes_in_a_program_that_says_nothing():
    """With whatever was checked before; not with one without a name, which may be the same one."""
    known = Declarations()
    known.check(APPID, [A, B], Siblings("one", stated=False))
    known.check(APPID, [B, C], Siblings("two", stated=False))
    known.check(APPID, [A], Siblings(stated=False))
    known.check(APPID, [A], siblings("four"))

    assert known.silent_clashes(APPID, "two", [B, C]) == {B: ("one",)}
    assert known.silent_clashes(APPID, "four", [A]) == {A: ("one",)}
    assert known.silent_clashes(APPID, "one", [A]) == {A: ("four",)}
    assert known.clashes(APPID, [A, B, C]) == {}


def test_the_word_of_a_state_counts_in_a_program_that_says_nothing():
    """YAML, TypeScript, Go: a resource that was not checked yet may come, and declare what it did."""
    known = Declarations()
    shared = {A: ("later",)}
    known.check(APPID, [A], Siblings("one", stated=False))

    assert known.shared(APPID, [A], shared, but="one") == shared
    assert known.may_remove(APPID, A, shared, but="one") is False
    known.spare(APPID, [A])
    assert known.orphans(APPID) == frozenset()
    known.check(APPID, [B], Siblings("later", stated=False))
    assert known.shared(APPID, [A], shared, but="one") == {}
    assert known.may_remove(APPID, A, shared, but="one") is True
