"""The same text on paper: WeasyPrint draws it without a complaint and in the Chinese font."""

import logging
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader
from weasyprint import HTML

from alliance.charts import Axis, Bar, Reference, Series, radar, ranked_bars, trend
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
