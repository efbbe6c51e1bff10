"""The verbs of a hospital's internal bonus. The door of the room."""

from alliance.workpoints.services.charges import load_charge as load_charge
from alliance.workpoints.services.charges import map_charge as map_charge
from alliance.workpoints.services.charges import map_code as map_code
from alliance.workpoints.services.charges import queue_charge as queue_charge
from alliance.workpoints.services.charges import withdraw_charge as withdraw_charge
from alliance.workpoints.services.points import import_points as import_points
