"""One pace per company for all processes, shared through Redis; without Redis each process keeps a safe pace of its own."""

from __future__ import annotations

from uuid import uuid4

import structlog
from redis import Redis
from redis.exceptions import RedisError

from engine.clock import Clock
from engine.connectors.limits import PACES, LocalLimiter, Paces, paused, rates_of

PATIENCE = 5.0
"""Seconds a caller waits for the end of a pause before the run is told to come back later."""

_TAKE = """
local now = tonumber(ARGV[1])
local wait = 0
local paused = redis.call('PTTL', KEYS[1] .. ':pause')
if paused > 0 then return -paused end
for i = 3, #ARGV, 2 do
  local key, count, span = KEYS[1] .. ':' .. ARGV[i + 1], tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  redis.call('ZREMRANGEBYSCORE', key, 0, now - span)
  if redis.call('ZCARD', key) >= count then
    local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
    wait = math.max(wait, tonumber(first[2]) + span - now)
  end
end
if wait > 0 then return math.ceil(wait) end
for i = 3, #ARGV, 2 do
  local key = KEYS[1] .. ':' .. ARGV[i + 1]
  redis.call('ZADD', key, now, ARGV[2])
  redis.call('PEXPIRE', key, ARGV[i + 1])
end
return 0
"""


class SharedLimiter:
    """``engine.connectors.limits.Limiter`` on Redis. Fails open to the local pace (F22)."""

    def __init__(self, redis: Redis, clock: Clock, *, paces: Paces = PACES) -> None:
        self._redis = redis
        self._clock = clock
        self._paces = paces
        self._local = LocalLimiter(clock, paces=paces)
        self._take = redis.register_script(_TAKE)
        self._log = structlog.get_logger(__name__)

    def acquire(self, key: str) -> None:
        """Wait for a turn. Raises ``Throttled`` when the key is paused for long."""
        try:
            while (wait := self._claim(key)) > 0:
                self._clock.sleep(wait)
        except RedisError as error:
            self._log.warning("no shared pace; keeping a local one", error=type(error).__name__)
            self._local.acquire(key)

    def pause(self, key: str, seconds: float) -> None:
        """Nobody sends under this key for so long, in any process."""
        self._local.pause(key, seconds)
        try:
            self._redis.set(f"pace:{key}:pause", "1", px=int(seconds * 1000))
        except RedisError as error:
            self._log.warning("the pause holds in this process only", error=type(error).__name__)

    def _claim(self, key: str) -> float:
        """Seconds to wait before asking again; 0 when the turn is ours."""
        arguments: list[int | str] = [int(self._clock.now().timestamp() * 1000), uuid4().hex]
        for rate in rates_of(key, self._paces):
            arguments += [rate.count, int(rate.seconds * 1000)]
        answer = int(self._take(keys=[f"pace:{key}"], args=arguments))
        if answer < 0 and -answer / 1000 > PATIENCE:
            raise paused(-answer / 1000)
        return abs(answer) / 1000
