"""What went wrong, by cause."""
