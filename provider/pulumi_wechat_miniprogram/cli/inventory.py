"""`inventory`: what stacks declare, by Mini Program, by host, by release state."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Final, Generic, TypeVar

import typer
from rich.text import Text

from pulumi_wechat_miniprogram.cli.console import Cell, plural, print_csv, print_json, print_table
from pulumi_wechat_miniprogram.cli.exports import Exports, Stacks, read
from pulumi_wechat_miniprogram.exports.inventory import (
    App,
    Host,
    Inventory,
    Listing,
    by_host,
    by_release,
    select,
    take_inventory,
)
from pulumi_wechat_miniprogram.exports.reader import declared_by

FORMAT_VERSION: Final = 1
"""Of the JSON document; raised when a reader has to change, not for a new field."""


class By(str, enum.Enum):
    """What each row shows."""

    app = "app"
    host = "host"
    release = "release"


class ReleaseState(str, enum.Enum):
    """What a domain waits for."""

    pending = "pending"
    undeclared = "undeclared"
    in_force = "in-force"


_Row = TypeVar("_Row", App, Host, Listing)


@dataclass(frozen=True, slots=True)
class _View(Generic[_Row]):
    kind: type[_Row]
    rows: Callable[[Inventory], Sequence[_Row]]
    columns: tuple[str, ...]
    cells: Callable[[_Row], Sequence[Cell]]

    def print_csv(self, inventory: Inventory) -> None:
        print_csv([field.name for field in fields(self.kind)], self.rows(inventory))

    def print_table(self, inventory: Inventory) -> None:
        cells = (self.cells(row) for row in self.rows(inventory))
        print_table(self.columns, cells, _summary(inventory))

    def as_json(self, inventory: Inventory) -> list[dict[str, object]]:
        return [asdict(row) for row in self.rows(inventory)]


def inventory(
    exports: Exports = None,
    stacks: Stacks = None,
    by: Annotated[By, typer.Option(help="What each row shows.")] = By.app,
    appid: Annotated[
        str, typer.Option(metavar="PATTERN", help="Only these Mini Programs; * and ? match.")
    ] = "*",
    host: Annotated[str, typer.Option(metavar="PATTERN", help="Only these domains; * and ? match.")] = "*",
    release: Annotated[
        ReleaseState | None, typer.Option(help="Only domains in this state.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """Show what stacks declare: by Mini Program, by host, or by release state.

    Reads stack exports only, and runs neither a Pulumi program nor calls to WeChat. A domain is *pending*
    (declared, but not in force before the app's next release), *in-force*, or *undeclared* (in force, but not
    declared by a given stack: it goes at the next release, or the WeChat console or mode one lists it).

    By host, it shows which stacks and resources declare a domain, and how close it is to WeChat's limit: the
    Mini Programs of at most 100 subjects may list one domain.

    For example:

        pulumi stack export | wechat-miniprogram inventory -
        wechat-miniprogram inventory --stack prod --by host --host '*.example.com'
        wechat-miniprogram inventory exports/ --release pending --csv
    """
    if as_json and as_csv:
        raise typer.BadParameter("--json and --csv are two formats; choose one")
    chosen = select(
        take_inventory(read(exports, stacks)),
        appid=appid,
        host=host,
        release=release.value if release else None,
    )
    view = _VIEWS[by]
    if as_json:
        print_json({"version": FORMAT_VERSION, "by": by.value, "rows": view.as_json(chosen)})
    elif as_csv:
        view.print_csv(chosen)
    else:
        view.print_table(chosen)


def _app_cells(row: App) -> list[Cell]:
    known = [
        str(len(row.in_force) + len(row.pending)),
        str(len(row.in_force)),
        _striking(len(row.pending)),
        _striking(len(row.undeclared)),
    ]
    return [
        row.appid,
        declared_by(row.resources),
        ", ".join(row.modes),
        *(["encrypted", "", "", ""] if row.sealed else known),
        Text("required", "yellow") if row.release_required else "",
    ]


def _host_cells(row: Host) -> list[Cell]:
    style = "red" if row.counted >= row.limit else "yellow" if row.crowded else ""
    counts = f"{row.counted} of {row.limit}"
    return [
        row.domain,
        Text(counts if row.counted == row.count else f"{row.count}, {counts} count", style),
        _striking(len(row.pending)),
        declared_by(row.resources),
    ]


def _release_cells(row: Listing) -> list[Cell]:
    style = "" if row.release == "in-force" else "yellow"
    return [Text(row.release, style), row.appid, row.domain, declared_by(row.resources)]


def _striking(count: int) -> Text:
    return Text(str(count), "yellow" if count else "")


def _summary(inventory: Inventory) -> str:
    counts = Counter(listing.release for listing in inventory.listings)
    domains = len({listing.domain for listing in inventory.listings})
    platforms = sum(app.platform for app in inventory.apps)
    found = plural(len(inventory.apps) - platforms, "Mini Program")
    found += f" and {plural(platforms, 'platform')}" if platforms else ""
    shared = f" ({domains} different)" if domains != counts.total() else ""
    return (
        f"{found}, {plural(counts.total(), 'domain')}{shared}: "
        f"{counts['in-force']} in force, {counts['pending']} pending, {counts['undeclared']} undeclared"
    )


_VIEWS: Final[Mapping[By, _View[App] | _View[Host] | _View[Listing]]] = {
    By.app: _View(
        App,
        lambda inventory: inventory.apps,
        ("appid", "declared by", "mode", "domains", "in force", "pending", "undeclared", "release"),
        _app_cells,
    ),
    By.host: _View(Host, by_host, ("domain", "Mini Programs", "pending", "declared by"), _host_cells),
    By.release: _View(Listing, by_release, ("release", "appid", "domain", "declared by"), _release_cells),
}
