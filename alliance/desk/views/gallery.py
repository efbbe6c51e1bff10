"""The doors of the gallery: every kind of chart with the figures that are hardest to draw, on a page and on paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask import current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alliance.access import alliance_id, requires
from alliance.charts import (
    Axis,
    Band,
    Bar,
    Cell,
    Flow,
    Head,
    Lane,
    Node,
    Objective,
    Reference,
    Series,
    heat_map,
    radar,
    ranked_bars,
    sankey,
    strategy_map,
    trend,
    waterfall,
)
from alliance.core.acts import Act
from alliance.core.refused import NotFound
from alliance.desk.views.blueprint import blueprint
from alliance.i18n import LANGUAGES, in_language, label, lang, listed, number, period
from alliance.members import queries as members
from alliance.pages import attachment
from alliance.pdf import render

WIDE, NARROW = 640.0, 360.0  # user units: for paper and desks, for phones
BROAD = 960.0  # of the heat map, which a phone scrolls
D = Decimal
# Made-up names as long as they come, in Chinese and in English.
HOSPITALS = (
    ("滨江市第一人民医院", "Binjiang First People's Hospital"),
    ("滨江市第一人民医院（滨江市城市医疗集团总院）", "Binjiang First People's Hospital, lead of the Medical Alliance"),
    ("滨江经济技术开发区科技大道社区卫生服务中心", "Binjiang Science Avenue Community Health Service Center"),
    ("䶮山镇卫生院", "Yanshan Township Health Center"),
    ("滨江市妇幼保健院", "Binjiang Maternal and Child Health Hospital"),
    ("火车站社区卫生服务中心", "Railway Station Community Health Service Center"),
)
DIMENSIONS = (
    ("医疗质量与患者安全持续改进", "Quality and safety of care"),
    ("协同程度", "Collaboration"),
    ("资源共享与信息互联互通", "Shared resources and linked information"),
    ("患者满意度", "Patient satisfaction"),
    ("费用控制", "Cost control"),
)


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A chart of the gallery: what is hard about its figures, the picture wide and narrow, its numbers line by line."""

    code: str
    kind: str
    caption: str
    hard: str
    wide: str
    narrow: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str | Decimal | None]]
    words: frozenset[int] = frozenset()  # which columns hold words
    broad: bool = False  # the second picture is broader, and a phone moves it sideways

    @property
    def headings(self) -> list[tuple[str, str]]:
        """The heads of the table, as house/macros.html takes them."""
        return [(head, "num" if at and at not in self.words else "") for at, head in enumerate(self.heads)]


@blueprint.get("/style/charts")
@requires(Act.DESK_STYLE_READ)
def read_gallery() -> ResponseReturnValue:
    """Every kind of chart once, made-up figures with all that is hard to draw, each with its table."""
    return render_template("desk/read_gallery.html", exhibits=exhibits())


@blueprint.get("/style/charts/download/<language>")
@requires(Act.DESK_STYLE_READ)
def download_gallery(language: str) -> ResponseReturnValue:
    """The same pictures on paper."""
    owner = members.read_alliance(alliance_id())
    if owner is None or language not in LANGUAGES:
        raise NotFound()
    with in_language(language):
        content = render(paper(label(owner)))
    return attachment(content, f"charts-{language}.pdf", "application/pdf", "charts:all")


def paper(owner: str) -> str:
    """The HTML of the gallery for paper, in the language that is spoken around this call."""
    page = current_app.jinja_env.get_template("desk/gallery.html")
    return page.render(exhibits=exhibits(), owner=owner, lang=LANGUAGES[lang()][1])


def exhibits() -> list[Exhibit]:
    """The charts of the gallery in the language that is spoken around this call."""
    makers = (_bars, _alone, _trend, _first, _radar, _heat, _waterfall, _sankey, _strategy)
    return [make() for make in makers]


def _told(names: tuple[str, str]) -> str:
    return names[lang() == "en"]


def _text(value: Decimal | None) -> str:
    """A value as a chart says it."""
    return _("no data") if value is None else number(value)


def _both(draw: Callable[[float], str]) -> tuple[str, str]:
    return draw(WIDE), draw(NARROW)


def _bars() -> Exhibit:
    caption = _("Points above or below the plan")
    values = (D("1234567.89"), D("86.40"), D("86.40"), D("0.00"), D("-320000.5"), None)
    notes = ("", _("tied"), _("tied"), "", "", _("not filed"))
    bars = [
        Bar(_told(name), value, _text(value), accent=place == 2, note=note)
        for place, (name, value, note) in enumerate(zip(HOSPITALS, values, notes, strict=True))
    ]
    wide, narrow = _both(lambda width: ranked_bars(
        title=caption, description=_("A bar for each member, to either side of nought."), bars=bars, unit=_("points"),
        reference=Reference(D(500000), _("target %(value)s", value=number(500000))), lang=lang(), width=width,
    ))  # fmt: skip
    rows = [(bar.label, bar.value, bar.note or "—") for bar in bars]
    hard = _("Names that run over two lines, a tie, nought, a value below nought, and one that is missing.")
    return Exhibit(
        "bars",
        _("Ranked bars"),
        caption,
        hard,
        wide,
        narrow,
        (_("Member"), _("Value"), _("Remark")),
        rows,
        frozenset({2}),
    )


def _alone() -> Exhibit:
    caption = _("A single member")
    one = Bar(_told(HOSPITALS[2]), D("0.01"), number(D("0.01")), accent=True)
    wide, narrow = _both(lambda width: ranked_bars(
        title=caption, description=_("One bar, from nought."), bars=[one], unit="%", lang=lang(), width=width
    ))  # fmt: skip
    hard = _("One value alone, and a small one.")
    return Exhibit(
        "alone",
        _("Ranked bars: one bar"),
        caption,
        hard,
        wide,
        narrow,
        (_("Member"), _("Value")),
        [(one.label, one.value)],
    )


def _trend() -> Exhibit:
    caption = _("Referrals in 18 months, in percent of the plan")
    heads = [period(f"{2025 + place // 12}-{place % 12 + 1:02}") for place in range(18)]
    own = [None if place in (5, 6) else D(40 + place * 7 % 50) - (60 if place == 9 else 0) for place in range(18)]
    others = [D(55 + place) if place < 16 else None for place in range(18)]
    series = [Series(_told(HOSPITALS[1]), own, accent=True), Series(_told(HOSPITALS[3]), others)]
    wide, narrow = _both(lambda width: trend(
        title=caption, description=_("A line for each member; a gap is a month without a value."), periods=heads,
        series=series, unit="%", band=Band(D(40), D(80), _("usual range")), target=D(90), lang=lang(), width=width,
    ))  # fmt: skip
    rows = list(zip(heads, own, others, strict=True))
    hard = _("Many values, a gap, a value below nought, months that are still to come, a target and a usual range.")
    return Exhibit(
        "trend", _("Trend"), caption, hard, wide, narrow, (_("Period"), series[0].label, series[1].label), rows
    )


def _first() -> Exhibit:
    caption = _("The first period")
    head, value = period("2026Q1"), D("84.82")
    wide, narrow = _both(lambda width: trend(
        title=caption, description=_("One point."), periods=[head], series=[Series(_told(HOSPITALS[4]), [value], True)],
        unit=_("points"), lang=lang(), width=width,
    ))  # fmt: skip
    rows = [(head, value)]
    hard = _("One value: there is no line yet.")
    return Exhibit(
        "first", _("Trend: one point"), caption, hard, wide, narrow, (_("Period"), _told(HOSPITALS[4])), rows
    )


def _radar() -> Exhibit:
    caption = _("A member and the median of its tier, out of 100")
    own, middle = [D("104.5"), D(0), None, D("71.25"), D("-8")], [D(80), D(75), D(70), D(65), D(60)]
    series = [Series(_told(HOSPITALS[1]), own, accent=True), Series(_("Median of the tier"), middle)]
    wide, narrow = _both(lambda width: radar(
        title=caption, description=_("Each axis is a dimension; further out is better."),
        axes=[Axis(_told(name)) for name in DIMENSIONS], series=series, maximum=D(100), lang=lang(), width=width,
    ))  # fmt: skip
    rows = [(_told(name), one, other) for name, one, other in zip(DIMENSIONS, own, middle, strict=True)]
    hard = _("A value above the full mark, nought, one below nought, one that is missing, and long names.")
    return Exhibit(
        "radar", _("Radar"), caption, hard, wide, narrow, (_("Dimension"), *(one.label for one in series)), rows
    )


def _heat() -> Exhibit:
    caption = _("Share of the full mark by member and dimension, in percent")
    shares = ((100, 0, 55, 120, 38), (88, None, 71, -5, 64), (12, 34, None, 78, 90))
    lines = [
        (Head(_told(name)), [_cell(value, at != 1) for at, value in enumerate(values)])
        for name, values in zip(HOSPITALS[1:4], shares, strict=True)
    ]
    columns = [Head(_told(name)) for name in DIMENSIONS]
    paper, page = (
        heat_map(
            title=caption, description=_("A darker cell is a larger share."), columns=columns, rows=lines, unit="%",
            lang=lang(), width=width,
        )
        for width in (WIDE, BROAD)
    )  # fmt: skip
    rows = [
        (head.label, *(cell.value if cell.applies else _("not applicable") for cell in cells)) for head, cells in lines
    ]
    hard = _("Nought and the full mark, values beyond either, one that is missing and one that does not apply.")
    heads = (_("Member"), *(one.label for one in columns))
    return Exhibit("heat", _("Heat map"), caption, hard, paper, page, heads, rows, broad=True)


def _cell(value: int | None, applies: bool) -> Cell:
    return Cell(None, applies=applies) if value is None else Cell(D(value), number(value))


def _waterfall() -> Exhibit:
    caption = _("From one score to the next, by dimension")
    changes = (D("6.10"), D("-3.30"), D("0.00"), D("-84.00"), D("12.25"))
    first, before, after = D("60.00"), period("2026Q1"), period("2026Q2")
    last = first + sum(changes, D(0))
    steps = [
        Bar(_told(name), value, number(value), note=_("filed late") if value > 10 else "")
        for name, value in zip(DIMENSIONS, changes, strict=True)
    ]
    wide, narrow = _both(lambda width: waterfall(
        title=caption, description=_("A row for each dimension: full what rose, hollow what fell."),
        start=Bar(before, first, number(first)), steps=steps, end=Bar(after, last, number(last), accent=True),
        unit=_("points"), lang=lang(), width=width,
    ))  # fmt: skip
    rows = [(before, first), *((one.label, one.value) for one in steps), (after, last)]
    hard = _("Rises, falls, a step of nought, a total below nought, and long names.")
    return Exhibit("waterfall", _("Waterfall"), caption, hard, wide, narrow, (_("Item"), _("Value")), rows)


def _sankey() -> Exhibit:
    caption = _("Where the money of the fund comes from and goes to")
    names = {"fund": _("Fund"), "rest": _("Reserve, carried to the next fund")}
    paid, shared = (D("2318404.77"), D("0.01"), D(0)), (D("2300000.00"), D("18404.78"), None)
    places = [(f"{way}{at}", _told(HOSPITALS[at])) for way in ("in", "out") for at in range(3)]
    flows = [Flow(f"in{at}", "fund", value, number(value)) for at, value in enumerate(paid)]
    flows += [Flow("fund", f"out{at}", value, _text(value)) for at, value in enumerate(shared)]
    flows.append(Flow("fund", "rest", D(0), number(D(0))))
    nodes = [Node("fund", names["fund"], "2,318,404.78", accent=True), Node("rest", names["rest"], number(D(0)))]
    told = {code: flow.words for flow in flows for code in (flow.source, flow.target) if code not in names}
    nodes += [Node(code, name, told[code]) for code, name in places]
    wide, narrow = _both(lambda width: sankey(
        title=caption, description=_("A band for each amount, as broad as it is large."), nodes=nodes, flows=flows,
        lang=lang(), width=width,
    ))  # fmt: skip
    called = dict(places) | names
    rows = [(called[flow.source], called[flow.target], flow.value) for flow in flows]
    hard = _("An amount of one cent beside millions, nought, an amount that is not known, and long names.")
    return Exhibit(
        "flows",
        _("Flows"),
        caption,
        hard,
        wide,
        narrow,
        (_("Money from"), _("Money to"), _("Amount")),
        rows,
        frozenset({1}),
    )


def _strategy() -> Exhibit:
    caption = _("Objectives and what brings them about")
    states = {"good": _("on target"), "warn": _("close to the target"), "bad": _("off the target"), "": _("no data")}
    kept = (("good", "96.5%"), ("warn", "82%"), ("bad", "0%"), ("", ""), ("good", "104.5%"))
    goals = [
        Objective(f"o{at}", _told(name), f"{text} {states[state]}".strip(), state)
        for at, (name, (state, text)) in enumerate(zip(DIMENSIONS, kept, strict=True))
    ]
    lanes = [
        Lane(_("Patients"), goals[:2]), Lane(_("Inner processes of the alliance"), goals[2:4]),
        Lane(_("Learning and growth"), goals[4:]), Lane(_("Finance"), []),
    ]  # fmt: skip
    causes = [("o4", "o2"), ("o4", "o3"), ("o2", "o0"), ("o3", "o1"), ("o4", "o0")]
    wide, narrow = _both(lambda width: strategy_map(
        title=caption, description=_("An arrow leads from a cause to its effect."), lanes=lanes, causes=causes,
        lang=lang(), width=width,
    ))  # fmt: skip
    called = {one.code: one.label for one in goals}
    leads = {one.code: [called[end] for start, end in causes if start == one.code] for one in goals}
    rows = [(one.label, one.text, listed(leads[one.code]) or "—") for one in goals]
    hard = _("Every state, an objective without a value, a perspective without objectives, and long names.")
    return Exhibit(
        "strategy",
        _("Strategy map"),
        caption,
        hard,
        wide,
        narrow,
        (_("Objective"), _("State"), _("Leads to")),
        rows,
        frozenset({1, 2}),
    )
