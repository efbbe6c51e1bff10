"""The blueprint that all doors of members hang on."""

from flask import Blueprint

blueprint = Blueprint("members", __name__, url_prefix="/members")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
