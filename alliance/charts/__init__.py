"""Charts as SVG text, the same on a page under a strict content policy and in a PDF."""

from .bars import Reference, ranked_bars
from .heat import Cell, Head, heat_map
from .radar import Axis, radar
from .rows import Bar
from .sankey import Flow, Node, sankey
from .series import Series
from .strategy import Lane, Objective, strategy_map
from .trend import Band, trend
from .waterfall import waterfall

__all__ = [
    "Axis",
    "Band",
    "Bar",
    "Cell",
    "Flow",
    "Head",
    "Lane",
    "Node",
    "Objective",
    "Reference",
    "Series",
    "heat_map",
    "radar",
    "ranked_bars",
    "sankey",
    "strategy_map",
    "trend",
    "waterfall",
]
