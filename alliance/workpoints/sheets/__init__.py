"""Files in and papers out of the bonus."""

from alliance.workpoints.sheets.points import read_points as read_points
from alliance.workpoints.sheets.points import write_points as write_points
from alliance.workpoints.sheets.points import write_points_csv as write_points_csv
