"""The doors of registers."""

from alliance.registers.views import pathways as pathways
from alliance.registers.views.blueprint import blueprint as blueprint
