"""The verbs of members. The door of the room."""

from alliance.members.services.departments import define_department as define_department
from alliance.members.services.departments import end_department as end_department
from alliance.members.services.departments import import_structure as import_structure
from alliance.members.services.departments import map_code as map_code
from alliance.members.services.departments import set_share as set_share
from alliance.members.services.institutions import found_alliance as found_alliance
from alliance.members.services.institutions import import_workbook as import_workbook
