"""Whole runs over random small alliances, from readings to shares: everything that is printed is true."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from alliance.core.figure import State, digest, trail
from alliance.core.formula import tells_the_truth
from alliance.core.period import Period
from alliance.evaluation.rules.methods import METHODS, Line, check_line
from alliance.evaluation.rules.scheme import TIERS
from alliance.evaluation.rules.scores import FEWEST, Label, Scoring
from alliance.funds.rules import Claimant, Rules, share_fund
from alliance.indicators.rules.kinds import Bench
from tests.evaluation.scoring import assert_sound, figures_of, filed, member, ratings_of, scheme_of
from tests.indicators.library import definition, library_of, reading

D = Decimal
PERIOD = Period.parse("2026Q1")
MONTHS = ("2026-01", "2026-02", "2026-03", "2025-01", "2025-02", "2025-03")
ELEMENTS = [
    definition("A"), definition("B"), definition("S", aggregation="stock", places=1),
    definition("M", aggregation="mean", weight="B", places=2), definition("R", external=True, places=2),
    definition("OWN", places=2),
]  # fmt: skip
INDICATORS = [
    definition("RATE", kind="ratio", numerator=["A"], denominator=["A", "B"], factor=100, dimension="one"),
    definition("SUM", kind="sum", terms=["A", "-S"], dimension="one", tags=["collaboration"]),
    definition("UP", kind="growth", numerator=["A"], denominator=["B"], dimension="two"),
    definition("OVER", kind="difference", of="UP", external="OWN", dimension="two", tags=["collaboration"]),
    definition("MEAN", kind="sum", terms=["M"], dimension="three"),
    definition("LIKE", kind="agreement_with_lead", indicators=["RATE", "MEAN", "SUM"], dimension="three"),
]  # fmt: skip
DIMENSIONS = [definition("one"), definition("two"), definition("three")]
LABELS = {
    row["code"]: Label(row["name_zh"], row["name_en"], row["dimension"], tuple(row.get("tags", ())))
    for row in INDICATORS
}
SMALL = st.decimals(-20, 120, places=1)
FILED = st.one_of(st.sampled_from(["", "n/a", 0]), st.integers(0, 100))
NUMBERS = st.decimals(-50, 150, places=2)


@st.composite
def scheme_rows(draw):
    """A line for each indicator with a random method that its checks take."""
    rows = []
    for row in INDICATORS:
        method = draw(st.sampled_from(sorted(set(METHODS) - {"steps"})))
        kind = METHODS[method]
        numbers = {name: draw(st.sampled_from([-5, 1, 5, 20, 60, 100])) for name in kind.required}
        line = {"indicator": row["code"], "method": method, "weight": {}, **numbers}
        line["direction"] = draw(st.sampled_from(["higher", "lower"]))
        if method == "reference":
            line["external"] = draw(st.sampled_from(["R", "OWN"]))
        for tier in TIERS:
            line["weight"][tier] = draw(st.sampled_from(["12.5", 20, 7]))
        rows.append(line)
    return [row for row in rows if is_sound(row)]


def is_sound(row):
    words = ("indicator", "method", "weight", "direction", "external")
    numbers = {name: D(value) for name, value in row.items() if name not in words}
    return not check_line("x", row["method"], Line(numbers))


@st.composite
def alliances(draw):
    """Members with readings, ratings, vetoes and money, some of it missing or not applicable."""
    codes = [f"C{place}" for place in range(draw(st.integers(1, 6)))]
    library = library_of(ELEMENTS, [{**row, "dimension": ""} for row in INDICATORS])
    values = {(who, row["code"], month): draw(FILED) for who in codes for row in ELEMENTS[:4] for month in MONTHS}
    values |= {(who, "OWN", month): draw(FILED) for who in codes for month in MONTHS[:3]}
    values |= {("", "R", month): draw(FILED) for month in MONTHS[:3]}
    readings = {
        (who, code, month): reading(library, who, code, month, value) for (who, code, month), value in values.items()
    }
    members = [member(who, draw(st.sampled_from(TIERS)), vetoed=draw(st.integers(0, 5)) == 0) for who in codes]
    groups = {"data": 60, "peers": 25, "patients": 15}
    ratings = {
        group: {who: draw(st.one_of(st.just("n/a"), st.integers(0, 100))) for who in codes}
        for group in ("peers", "patients")
    }
    return library, readings, members, groups, ratings_of(ratings)


def run(alliance, rows):
    """The cards and medians of an alliance, and all figures."""
    library, readings, members, groups, ratings = alliance
    bench = Bench(library, PERIOD, readings, lead="C0")
    scheme = scheme_of(rows, groups=groups)
    values = {
        (one.code, line.indicator): bench.value(one.code, line.indicator) for one in members for line in scheme.lines
    }
    references = {(one.code, code): bench.total(one.code, code, PERIOD) for one in members for code in ("R", "OWN")}
    labels = {row["code"]: Label(row["name_zh"], row["name_en"]) for row in DIMENSIONS}
    scoring = Scoring(scheme, "S/1", PERIOD.code, LABELS, labels, values, ratings, references=references)
    cards, medians = scoring.score(members)
    return cards, medians, figures_of(cards, medians)


@settings(max_examples=60, deadline=None)
@given(alliances(), scheme_rows())
def test_every_figure_of_a_run_of_scores_tells_the_truth(alliance, rows):
    cards, medians, figures = run(alliance, rows)
    assert_sound(figures)
    assert digest(figures) == digest(run(alliance, rows)[2])
    for card in cards:
        vetoed = card.member.veto is not None
        if card.score.value is not None:
            assert 0 <= card.score.value <= 100
            assert not vetoed or card.score.value == 0
        assert card.rank is None or not vetoed
        for code, share in card.shares.items():
            assert share.value is None or 0 <= share.value <= 1
            assert (share.value is None) == (card.points[code].value is None)
    for tier in TIERS:
        compared = [
            card for card in cards if card.member.tier == tier and not card.member.veto and card.score.value is not None
        ]
        ranked = [card for card in compared if card.rank is not None]
        assert len(ranked) in (0, len(compared))
        assert (tier in medians) == bool(ranked) == (len(compared) >= FEWEST)
        for card in ranked:
            assert card.rank.value == 1 + sum(other.score.value > card.score.value for other in ranked)


MONEY = st.one_of(st.none(), st.decimals(0, 10**8, places=2))
HEADS = st.one_of(st.none(), st.decimals(0, 2000, places=2))


def claim(draw, card, basis):
    who = card.member.code
    figures = [
        None if value is None else filed(f"{who}/{name}", value, f"institution:{who}")
        for name, value in (("total", draw(MONEY)), ("heads", draw(HEADS)), ("last", draw(MONEY)))
    ]
    score = card.collaboration if basis == "collaboration" else card.score
    return Claimant(who, score, card.member.veto is not None, *figures)


@settings(max_examples=60, deadline=None)
@given(alliances(), scheme_rows(), st.data())
def test_every_figure_of_a_fund_tells_the_truth_and_not_a_cent_is_lost(alliance, rows, data):
    cards, _, _ = run(alliance, rows)
    basis = data.draw(st.sampled_from(["collaboration", "total"]))
    size = data.draw(st.sampled_from(["headcount", "performance_total", "one"]))
    cap = data.draw(st.one_of(st.none(), st.decimals(0, 100, places=1)))
    rules = Rules(
        "S/1",
        data.draw(st.decimals(0, 100, places=2)),
        basis,
        size,
        data.draw(st.sampled_from([D(0), D(40), D(60)])),
        cap,
    )
    claimants = [claim(data.draw, card, basis) for card in cards]
    lines = [
        filed(f"fund/line/{place}", data.draw(st.decimals(0, 10**6, places=2)))
        for place in range(data.draw(st.integers(0, 2)))
    ]
    pool = share_fund("2026", claimants, lines, rules)
    assert_sound(list(trail(pool.reserve, *(share.net for share in pool.shares))))
    assert sum(share.received.value for share in pool.shares) + pool.reserve.value == pool.total.value
    assert pool.reserve.value >= 0
    for claimant, share in zip(claimants, pool.shares, strict=True):
        assert share.received.value >= 0
        assert share.net.value == share.received.value - share.paid_in.value
        assert share.received.value == 0 or not share.reason
        eligible = (
            claimant.score is not None
            and claimant.score.value is not None
            and claimant.score.value >= max(rules.pass_mark, D("0.01"))
        )
        assert bool(share.reason) or (eligible and not claimant.vetoed)
        if cap is not None and claimant.headcount and claimant.last_per_head and share.received.value:
            assert share.received.value <= claimant.headcount.value * claimant.last_per_head.value * (1 + cap / 100)


def test_a_wrong_figure_among_them_would_be_found():
    library = library_of(ELEMENTS, [{**row, "dimension": ""} for row in INDICATORS])
    readings = {("C0", code, month): reading(library, "C0", code, month, 5) for code in "AB" for month in MONTHS}
    rows = [{"indicator": "RATE", "method": "rated", "maximum": 100, "weight": {"primary": 100}}]
    _, _, figures = run((library, readings, [member("C0")], {"data": 100}, {}), rows)
    assert_sound(figures)
    for figure in figures:
        if figure.kind.formula and figure.state is State.VALUE:
            wrong = type(figure)(
                figure.key, figure.kind, figure.value + D("0.01"), inputs=figure.inputs, owner=figure.owner
            )
            assert not tells_the_truth(wrong)
