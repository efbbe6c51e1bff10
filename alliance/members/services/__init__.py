"""The verbs of members. The door of the room."""

from alliance.members.services.departments import define_department as define_department
from alliance.members.services.departments import end_department as end_department
from alliance.members.services.departments import import_structure as import_structure
from alliance.members.services.departments import map_code as map_code
from alliance.members.services.departments import set_share as set_share
from alliance.members.services.institutions import found_alliance as found_alliance
from alliance.members.services.institutions import import_workbook as import_workbook
from alliance.members.services.links import end_link as end_link
from alliance.members.services.links import set_link as set_link
from alliance.members.services.staffing import define_post as define_post
from alliance.members.services.staffing import rate_post as rate_post
from alliance.members.services.staffing import record_employee as record_employee
from alliance.members.services.staffing import set_establishment as set_establishment
