"""How answers travel: compressed where nothing can be guessed from their length, files of the house for a year."""

from __future__ import annotations

import gzip
import re

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests import walk
from tests.small import PASSWORD

BR = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def signed(app: Flask, account: str) -> FlaskClient:
    return walk.client(app, account, PASSWORD)


def test_a_page_travels_compressed_and_says_so(app: Flask) -> None:
    client = signed(app, "office")
    plain = client.get("/style")
    packed = client.get("/style", headers=BR)
    assert packed.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in packed.headers["Vary"]
    page = brotli.decompress(packed.data).decode()
    assert len(packed.data) < len(plain.data) / 4
    assert page.count("<h1") == 1
    assert gzip.decompress(client.get("/style", headers={"Accept-Encoding": "gzip"}).data).startswith(b"<!doctype html")


def test_what_a_foreign_site_asked_for_and_what_shows_a_secret_is_not_compressed(app: Flask) -> None:
    """Lengths would let somebody guess at what stands beside words of their own."""
    client = signed(app, "office")
    for site, expected in (("cross-site", None), ("same-site", None), ("same-origin", "br"), ("none", "br")):
        answer = client.get("/style", headers=BR | {"Sec-Fetch-Site": site})
        assert answer.headers.get("Content-Encoding") == expected, site
    for path in ("/accounts/totp/enrol", "/accounts/passwords/set/unknown"):
        assert "Content-Encoding" not in client.get(path, headers=BR).headers, path
    assert "Content-Encoding" not in app.test_client().get("/accounts/sessions/open", headers=BR).headers


def test_a_file_that_is_taken_out_leaves_as_it_is(app: Flask) -> None:
    answer = signed(app, "office").get("/members/workbook/export", headers=BR)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert answer.data.startswith(b"PK")


@pytest.mark.parametrize("name", ["house.css", "house.js", "icons.svg"])
def test_a_file_of_the_house_is_kept_for_a_year_under_its_digest(app: Flask, name: str) -> None:
    client = signed(app, "office")
    page = client.get("/").get_data(as_text=True)
    found = re.search(rf"/static/{name}\?v=[0-9a-f]{{12}}", page)
    assert found, name
    under = client.get(found[0], headers=BR)
    assert under.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert under.headers["Content-Encoding"] == "br"
    bare = client.get(f"/static/{name}", headers=BR)
    assert bare.headers["Cache-Control"] == "no-cache"
    again = client.get(f"/static/{name}", headers=BR | {"If-None-Match": bare.headers["ETag"]})
    assert again.status_code == 304
    wrong = client.get(f"/static/{name}?v=000000000000")
    assert wrong.headers["Cache-Control"] == "no-cache"
    for answer in (under, bare, again, wrong):
        answer.close()
