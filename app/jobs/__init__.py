"""Work in the background: the queue, its workers and the scheduler."""
