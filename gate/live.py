"""The websockets that are open now: each is closed as soon as its sign-in ends, wherever it was ended."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool

from clinic_data.access.sign_in import still_signed_in
from clinic_data.database import Store

log = logging.getLogger("collagen_calendar")

LOOK_EVERY = 1.0
"""Seconds until a sign-in that was ended elsewhere (an account disabled, idle time) closes its websockets."""


class Live:
    """An event for each open websocket, set when its sign-in has ended."""

    def __init__(self) -> None:
        self._ends: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._watch: asyncio.Task[None] | None = None

    @contextmanager
    def holding(self, store: Store, sign_in_id: int) -> Iterator[asyncio.Event]:
        """While the block runs, a websocket of that sign-in is open; the event is set when it must close."""
        ended = asyncio.Event()
        self._ends[sign_in_id].add(ended)
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look(store), name="watch sign-ins")
        try:
            yield ended
        finally:
            self._ends[sign_in_id].discard(ended)
            if not self._ends[sign_in_id]:
                del self._ends[sign_in_id]

    def end(self, sign_in_id: int) -> None:
        """Close the websockets of a sign-in."""
        for event in self._ends.get(sign_in_id, ()):
            event.set()

    async def _look(self, store: Store) -> None:
        while self._ends:
            known = set(self._ends)
            try:
                left = await run_in_threadpool(still_signed_in, store, known)
            except Exception as error:
                log.error("nobody's sign-in can be looked up (%s): all pages are closed", type(error).__name__)
                left = set()
            for sign_in_id in known - left:
                self.end(sign_in_id)
            await asyncio.sleep(LOOK_EVERY)
