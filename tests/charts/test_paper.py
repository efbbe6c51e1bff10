"""The same text on paper: WeasyPrint draws it without a complaint and in the Chinese font."""

import logging
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from weasyprint import HTML

from alliance.charts import (
    Axis,
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
)  # fmt: skip
from tests.charts.names import DIMENSIONS, MEMBERS

VALUES = [Decimal(n) for n in (86, 70, 65, 92, 58)]
ROWS = [Series("望江路", VALUES, accent=True, href="/m"), Series("中位数", [Decimal(60)] * 5, href="/n")]
TOLD = {"title": "直径骨角：2026年3月", "description": "d"}
CHARTS = {
    "radar": radar(**TOLD, axes=[Axis(name) for name in DIMENSIONS["zh"][:5]], series=ROWS, maximum=Decimal(100)),
    "bars": ranked_bars(
        **TOLD,
        bars=[Bar(name, Decimal(60), "60.00", href="/m") for name in MEMBERS["zh"]],
        reference=Reference(Decimal(50), "目标"),
    ),
    "trend": trend(**TOLD, periods=list("一二三四五"), series=ROWS, unit="%", target=Decimal(80)),
    "heat": heat_map(
        **TOLD,
        columns=[Head(name) for name in DIMENSIONS["zh"] * 2],
        rows=[(Head("望江路"), [Cell(None), Cell(None, applies=False), *(Cell(Decimal(n)) for n in range(12))])],
    ),
    "waterfall": waterfall(
        **TOLD,
        start=Bar("上期", Decimal(80), "80"),
        steps=[Bar("费用控制", Decimal(-3), "−3")],
        end=Bar("本期", Decimal(77), "77"),
    ),
    "sankey": sankey(
        **TOLD,
        nodes=[Node("a", "甲"), Node("b", "协同奖励基金"), Node("c", "丙")],
        flows=[Flow("a", "b", Decimal(5)), Flow("b", "c", Decimal(5))],
    ),
    "strategy": strategy_map(
        **TOLD,
        lanes=[Lane("患者", [Objective("a", "满意度")]), Lane("内部流程", [Objective("b", "互认", "90%", "good")])],
        causes=[("b", "a")],
    ),
}


@pytest.mark.parametrize("name", CHARTS)
def test_weasyprint_draws_it(name, caplog):
    caplog.set_level(logging.WARNING, "weasyprint")
    page = f'<html lang="zh-CN"><title>t</title><body>{CHARTS[name]}</body></html>'
    pdf = PdfReader(BytesIO(HTML(string=page).write_pdf(pdf_tags=True)))
    assert caplog.messages == []
    assert len(pdf.pages) == 1
    fonts = {font["/BaseFont"] for font in pdf.pages[0]["/Resources"]["/Font"].values()}
    assert fonts
    assert all("CJK-SC" in font for font in fonts)


def test_the_title_becomes_the_alternative_text():
    page = f'<html lang="zh-CN"><title>t</title><body>{CHARTS["radar"]}</body></html>'
    pdf = PdfReader(BytesIO(HTML(string=page).write_pdf(pdf_tags=True)))
    objects = (pdf.get_object(number) for number in range(1, pdf.trailer["/Size"]))
    assert TOLD["title"] in [one["/Alt"] for one in objects if isinstance(one, dict) and "/Alt" in one]
