"""The doors of registers."""

from alliance.registers.views.blueprint import blueprint as blueprint
