"""The doors of a hospital's internal bonus."""

from alliance.workpoints.views.blueprint import blueprint as blueprint
