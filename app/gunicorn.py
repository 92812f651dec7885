"""How gunicorn serves Concord: `gunicorn --config python:app.gunicorn "app:create_app()"`."""

from __future__ import annotations

from app.settings import load_settings

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_processes
worker_class = "gthread"  # pages wait for the database and now and then for a remote: threads wait cheaply
threads = 8
timeout = 60
graceful_timeout = 5
accesslog = None  # the application writes its own lines, without addresses that carry codes or keys
errorlog = "-"
loglevel = "warning"
