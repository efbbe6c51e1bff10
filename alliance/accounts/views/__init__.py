"""The doors of people and bodies."""

from alliance.accounts.views import bodies as bodies
from alliance.accounts.views import grants as grants
from alliance.accounts.views import mailboxes as mailboxes
from alliance.accounts.views import own as own
from alliance.accounts.views import people as people
from alliance.accounts.views.bodies import matter as matter
from alliance.accounts.views.sessions import blueprint as blueprint
