"""Records: the list, one record, sending and pulling by hand."""
