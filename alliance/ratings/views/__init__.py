"""The doors of ratings."""

from alliance.ratings.views import answers as answers
from alliance.ratings.views import conflicts as conflicts
from alliance.ratings.views import engagements as engagements
from alliance.ratings.views import panels as panels
from alliance.ratings.views import peer_forms as peer_forms
from alliance.ratings.views import peer_results as peer_results
from alliance.ratings.views import peers as peers
from alliance.ratings.views import plans as plans
from alliance.ratings.views import reports as reports
from alliance.ratings.views import rubrics as rubrics
from alliance.ratings.views import satisfaction as satisfaction
from alliance.ratings.views import scores as scores
from alliance.ratings.views import surveys as surveys
from alliance.ratings.views import texts as texts
from alliance.ratings.views import verification as verification
from alliance.ratings.views import waves as waves
from alliance.ratings.views.blueprint import blueprint as blueprint
