"""The verbs of a hospital's internal bonus. The door of the room."""

from alliance.workpoints.services.entries import file_entry as file_entry
from alliance.workpoints.services.entries import import_entry as import_entry
from alliance.workpoints.services.holdings import GivenCorrection as GivenCorrection
from alliance.workpoints.services.holdings import enter_correction as enter_correction
from alliance.workpoints.services.holdings import enter_holding as enter_holding
from alliance.workpoints.services.rosters import define_shift as define_shift
from alliance.workpoints.services.rosters import file_roster as file_roster
from alliance.workpoints.services.rosters import import_roster as import_roster
from alliance.workpoints.services.tasks import GivenTask as GivenTask
from alliance.workpoints.services.tasks import enter_task as enter_task
from alliance.workpoints.services.tasks import review_task as review_task
