"""Reading: sources become records, look-ups become joins. Nothing here can change a shop.

fetch     the records of a source, streamed: queries united, composed sources, `each`
reread    one record once more, just before something is done with it
read_by_key   one record that a rule's query does not find (any more)
look_up   what other sources and files say about records
Tables    the seller's own data, each read once and checked: what is not surely whole and fresh is unknown
"""

from runner.fetch.files import Tables
from runner.fetch.joins import look_up
from runner.fetch.records import fetch, read_by_key, reread
from runner.fetch.tables import Row, Table
from runner.fetch.web import WebSources

__all__ = ["Row", "Table", "Tables", "WebSources", "fetch", "look_up", "read_by_key", "reread"]
