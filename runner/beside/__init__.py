"""What runner does beside the marketplace: files it writes, systems it calls, channels it tells.

    rows      what became of records, as cells; personal values masked unless the rule says otherwise
    files     CSV and workbooks, replaced as a whole, so that a crash leaves the old one or the new one
    told      texts and JSON of what a run did
    carry     the one place where any of it happens: intended in the ledger before, ended after, never twice

Like the writer of the marketplace it is out of reach of everything that plans or shows: a dry run cannot write a file.
"""
