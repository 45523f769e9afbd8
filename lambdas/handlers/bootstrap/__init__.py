"""Puts each function together from its environment: the only place where adapters are chosen."""
