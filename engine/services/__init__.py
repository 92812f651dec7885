"""The verbs of Concord: gather, decide, apply, record. Everything the web, the worker and the command line can do."""
