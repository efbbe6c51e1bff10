"""Writes static/icons.svg: the few icons the portal uses, from the sprite in the bootstrap-flask wheel."""

import re
import sys
from importlib.util import find_spec
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
ICONS = frozenset(
    [
        "alarm",
        "arrow-counterclockwise",
        "arrow-down",
        "arrow-right",
        "arrow-left-right",
        "arrow-up",
        "bar-chart-line",
        "bell",
        "briefcase",
        "calendar3",
        "calculator",
        "cash-coin",
        "cash-stack",
        "check-circle-fill",
        "check-lg",
        "chevron-left",
        "chevron-right",
        "circle",
        "clipboard-check",
        "clock",
        "cloud-arrow-up",
        "dash-lg",
        "diagram-3",
        "download",
        "envelope",
        "exclamation-triangle-fill",
        "file-earmark-text",
        "flag",
        "funnel",
        "gear",
        "hospital",
        "hourglass-split",
        "house",
        "info-circle-fill",
        "inbox",
        "journal-text",
        "list-check",
        "lock",
        "megaphone",
        "paperclip",
        "people",
        "pencil",
        "person-badge",
        "person-circle",
        "printer",
        "receipt",
        "search",
        "shield-check",
        "shuffle",
        "speedometer2",
        "star",
        "table",
        "trophy",
        "upload",
        "x-lg",
        "x-octagon-fill",
    ]
)


def bootstrap_symbols() -> dict[str, str]:
    """Every symbol of the packaged sprite, by its name; the package is located, not imported."""
    package = find_spec("flask_bootstrap")
    if package is None or not package.submodule_search_locations:
        sys.exit("sprite: bootstrap-flask is not installed in this Python")
    sprite = Path(package.submodule_search_locations[0], "static", "bootstrap5", "icons", "bootstrap-icons.svg")
    symbols = re.finditer(r'<symbol\b[^>]*\bid="([^"]+)".*?</symbol>', sprite.read_text("utf-8"), re.DOTALL)
    return {symbol[1]: symbol[0] for symbol in symbols}


def names_in_templates() -> set[str]:
    """The icons that a template names outright, as in ui.icon("clock") or icon_name="clock"."""
    pages = (HOUSE / "templates").rglob("*.html")
    named = re.compile(r"""\bicon(?:\(|_name=)['"]([a-z0-9-]+)['"]""")
    return {name for page in pages for name in named.findall(page.read_text("utf-8"))}


def main() -> None:
    """Write the sprite, or say which icon is unknown or missing from ICONS."""
    symbols = bootstrap_symbols()
    if unknown := sorted(ICONS - symbols.keys()):
        sys.exit(f"sprite: not in bootstrap-icons: {', '.join(unknown)}")
    if missing := sorted(names_in_templates() - ICONS):
        sys.exit(f"sprite: used in a template, add to ICONS in scripts/sprite.py: {', '.join(missing)}")
    body = "".join(symbols[name] for name in sorted(ICONS))
    target = HOUSE / "static" / "icons.svg"
    target.parent.mkdir(exist_ok=True)
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{body}</svg>\n', "utf-8")
    print(f"sprite: {len(ICONS)} icons, {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
