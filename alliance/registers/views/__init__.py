"""The doors of registers."""

from alliance.registers.views import ledgers as ledgers
from alliance.registers.views import pathways as pathways
from alliance.registers.views import standards as standards
from alliance.registers.views.blueprint import blueprint as blueprint
