"""People: signing in, sessions, invitations, and what everybody did."""
