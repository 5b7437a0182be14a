"""HTTP to everybody but the marketplace: the seller's own systems and channels.

    client    the only module here that imports httpx: one request, one answer, within bounds
    reading   GET, for sources; answers are kept for a minute
    sending   POST, for channels; nothing that plans or shows can reach it

No redirects, no cookies, no proxies of the environment, and never the marketplace's address: its keys and its rate are
the business of `runner.coupang` alone.
"""
