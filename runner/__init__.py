"""runner: rules in YAML act on a Coupang shop, previewed, at most once, proved."""

__version__ = "0.1.0"
