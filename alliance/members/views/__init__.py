"""The doors of members."""

from alliance.members.views import departments as departments
from alliance.members.views import institutions as institutions
from alliance.members.views import links as links
from alliance.members.views import posts as posts
from alliance.members.views import staff as staff
from alliance.members.views import structure as structure
from alliance.members.views.blueprint import blueprint as blueprint
