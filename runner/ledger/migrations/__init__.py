"""Steps from one version of the ledger to the next; each is applied whole or not at all."""
