"""The doors of the desk."""

from alliance.desk.views import boards as boards
from alliance.desk.views import effects as effects
from alliance.desk.views import estimates as estimates
from alliance.desk.views import figures as figures
from alliance.desk.views import gallery as gallery
from alliance.desk.views import guides as guides
from alliance.desk.views import home as home
from alliance.desk.views import style as style
from alliance.desk.views.blueprint import blueprint as blueprint
from alliance.desk.views.rail import current_period as current_period
from alliance.desk.views.rail import rail as rail
