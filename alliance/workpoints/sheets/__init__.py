"""What of a hospital's internal bonus goes in and out as files. The door of the room."""

from alliance.workpoints.sheets.schemes import TEMPLATE as TEMPLATE
from alliance.workpoints.sheets.schemes import template_scheme as template_scheme
from alliance.workpoints.sheets.schemes import write_scheme as write_scheme
