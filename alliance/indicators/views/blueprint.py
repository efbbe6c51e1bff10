"""The blueprint that all doors of filing hang on."""

from flask import Blueprint

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")
