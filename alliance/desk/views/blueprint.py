"""The blueprint that all doors of the desk hang on."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__)
