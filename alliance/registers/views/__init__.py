"""The doors of registers."""

from alliance.registers.views import cases as cases
from alliance.registers.views import imports as imports
from alliance.registers.views import persons as persons
from alliance.registers.views import proofs as proofs
from alliance.registers.views.blueprint import blueprint as blueprint
