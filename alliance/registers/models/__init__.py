"""Tables of cases, and of what was done with each."""

from alliance.registers.models.ledgers import LedgerEntry as LedgerEntry
from alliance.registers.models.ledgers import LedgerItem as LedgerItem
from alliance.registers.models.ledgers import LedgerNotice as LedgerNotice
from alliance.registers.models.ledgers import LedgerStandard as LedgerStandard
from alliance.registers.models.pathways import PathwayCase as PathwayCase
from alliance.registers.models.pathways import PathwayRecord as PathwayRecord
from alliance.registers.models.pathways import PathwayStep as PathwayStep
from alliance.registers.models.pathways import PathwayVersion as PathwayVersion
