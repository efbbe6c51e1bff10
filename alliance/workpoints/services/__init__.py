"""The verbs of a hospital's internal bonus. The door of the room."""

from alliance.workpoints.services.papers import print_slip as print_slip
from alliance.workpoints.services.runs import correct_slip as correct_slip
