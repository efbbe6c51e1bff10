"""A chart read back: its marks, and where its words stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from xml.etree import ElementTree

from alliance.charts.lettering import SIZE, width_of

SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Word:
    """One line of text and the box that it takes."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Word) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


class Picture:
    """An SVG text, parsed; it raises ParseError when the text is not well-formed."""

    def __init__(self, svg: str) -> None:
        self.root = ElementTree.fromstring(svg)
        self.width, self.height = (float(part) for part in self.root.attrib["viewBox"].split()[2:])

    def all(self, tag: str, **attributes: str) -> list[ElementTree.Element]:
        """The elements of that name with those attributes, in drawing order."""
        wanted = {key.replace("_", "-"): value for key, value in attributes.items()}
        return [one for one in self.root.iter(SVG + tag) if wanted.items() <= {**one.attrib}.items()]

    @property
    def titles(self) -> list[str]:
        return [one.text or "" for one in self.all("title")]

    @property
    def texts(self) -> list[str]:
        return [word.text for word in self.words()]

    def words(self) -> Iterator[Word]:
        for one in self.all("text"):
            text, size = one.text or "", float(one.get("font-size", SIZE))
            wide = width_of(text, size, bold=one.get("font-weight") == "bold")
            x, y = float(one.attrib["x"]), float(one.attrib["y"])
            if "transform" in one.attrib:
                assert one.attrib["transform"] == f"rotate(-90 {one.attrib['x']} {one.attrib['y']})"
                yield Word(text, x - 0.82 * size, y - wide, x + 0.12 * size, y)
                continue
            left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[one.get("text-anchor", "start")]
            yield Word(text, left, y - 0.82 * size, left + wide, y + 0.12 * size)

    def boxes(self, **attributes: str) -> list[Word]:
        """The rectangles with those attributes, as boxes without words."""
        found = []
        for one in self.all("rect", **attributes):
            x, y, wide, high = (float(one.attrib[key]) for key in ("x", "y", "width", "height"))
            found.append(Word("", x, y, x + wide, y + high))
        return found

    def outside(self) -> list[Word]:
        """Rectangles that do not stand whole inside the picture."""
        return [
            box
            for box in self.boxes()
            if box.left < -0.6 or box.top < -0.6 or box.right > self.width + 0.6 or box.bottom > self.height + 0.6
        ]

    def clipped(self) -> list[str]:
        """Words that do not stand whole inside the picture."""
        return [
            word.text
            for word in self.words()
            if word.left < -0.1 or word.top < -0.1 or word.right > self.width + 0.1 or word.bottom > self.height + 0.1
        ]

    def overlapping(self) -> list[tuple[str, str]]:
        """Pairs of words that touch one another."""
        return [(a.text, b.text) for a, b in combinations(self.words(), 2) if a.touches(b)]


def assert_sound(svg: str) -> Picture:
    """What every chart has to be: well-formed, told in words, harmless, legible. Returns it parsed."""
    picture = Picture(svg)
    root = picture.root
    assert root.tag == SVG + "svg"
    title, description = root.find(SVG + "title"), root.find(SVG + "desc")
    assert title is not None
    assert title.text
    assert description is not None
    assert description.text
    assert root.get("aria-labelledby") == title.get("id") != description.get("id")
    assert root.get("role") == ("group" if picture.all("a") else "img")
    for one in root.iter():
        assert one.tag.removeprefix(SVG) in {
            "svg", "title", "desc", "g", "a", "path", "line", "rect", "circle", "text",
        }  # fmt: skip
        assert not [name for name in one.attrib if name == "style" or name.startswith("on")]
        assert not [value for value in one.attrib.values() if "nan" in value or "inf" in value]
    for link in picture.all("a"):
        assert link[0].tag == SVG + "title"
        assert link[0].text
        assert link.find(f".//{SVG}a") is None
    assert picture.clipped() == []
    assert picture.overlapping() == []
    assert picture.outside() == []
    return picture
