"""The verbs on cases."""

from alliance.registers.services.cases import confirm_case as confirm_case
from alliance.registers.services.cases import correct_case as correct_case
from alliance.registers.services.cases import dispute_case as dispute_case
from alliance.registers.services.cases import file_case as file_case
from alliance.registers.services.cases import withdraw_case as withdraw_case
from alliance.registers.services.certificates import issue_certificate as issue_certificate
from alliance.registers.services.imports import import_case as import_case
from alliance.registers.services.proofs import add_proof as add_proof
from alliance.registers.services.proofs import clear_proofs as clear_proofs
