"""The blueprint that all doors of scoring hang on."""

from flask import Blueprint

blueprint = Blueprint("evaluation", __name__, url_prefix="/evaluation")
