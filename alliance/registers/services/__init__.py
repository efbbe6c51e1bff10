"""The verbs of registers: what is filed, answered and closed."""

from alliance.registers.services.ledgers import add_entry as add_entry
from alliance.registers.services.ledgers import answer_objection as answer_objection
from alliance.registers.services.ledgers import clear_ledger_files as clear_ledger_files
from alliance.registers.services.ledgers import file_objection as file_objection
from alliance.registers.services.ledgers import import_standard as import_standard
from alliance.registers.services.ledgers import link_ledger as link_ledger
from alliance.registers.services.ledgers import publish_ledger as publish_ledger
from alliance.registers.services.ledgers import review_entry as review_entry
from alliance.registers.services.ledgers import subject as subject
from alliance.registers.services.pathways import define_pathway as define_pathway
from alliance.registers.services.pathways import end_course as end_course
from alliance.registers.services.pathways import erase_patients as erase_patients
from alliance.registers.services.pathways import find_course as find_course
from alliance.registers.services.pathways import import_course as import_course
from alliance.registers.services.pathways import record_step as record_step
from alliance.registers.services.pathways import start_course as start_course
from alliance.registers.services.pathways import withdraw_step as withdraw_step
