"""Simulated Scoro and QuickBooks Online, to prove Concord against and to try it without an account."""
