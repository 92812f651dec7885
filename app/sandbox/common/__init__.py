"""What both sandboxes share: clock, faults, counts, journal, webhooks, controls, saved state, serving."""
