"""Charts as SVG text, the same on a page under a strict content policy and in a PDF."""

from .bars import Bar, Reference, ranked_bars
from .radar import Axis, radar
from .series import Series
from .trend import Band, trend

__all__ = ["Axis", "Band", "Bar", "Reference", "Series", "radar", "ranked_bars", "trend"]
