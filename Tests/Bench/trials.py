"""Trials: one of the contenders, a sandbox and a crowd. They mostly sleep, so that many of them are
held side by side."""

import itertools
import threading
import time

from asking import now, outcome
from programs import Sandbox

LATENCY = "50ms"
"""What every answer takes."""


class Trial:
    """What becomes of asks that somebody makes.

    Runs `runs` of the contender at once; within half a second after each of the moments `kill_at` of
    the crowd kills them with SIGKILL, and starts them anew half a second later. It is over when the
    contender has done all it knows of, or when nothing has come for as long as it may keep anything
    back."""

    def __init__(self, run, contender, asks, options=(), runs=1, kill_at=()):
        self.sandbox = Sandbox(run, "--latency", LATENCY, *options)
        self.contender = contender(run, self.sandbox)
        self.asks = asks
        self.runs = runs
        # Not always at the same point of what they do five times a second.
        self.kill_at = [moment + run.dice.uniform(0, 0.5) for moment in kill_at]
        self.made = []
        self.outcome = None
        self.error = None
        self._seen = 0
        self._judged = (-1, None)
        self._is_stopped = False
        self._starting = threading.Lock()

    def start(self):
        with self._starting:
            if not self._is_stopped:
                for _ in range(self.runs):
                    self.contender.start()

    def _hold(self):
        asking = self._thread(self._ask)
        began = now()
        for moment in self.kill_at:
            time.sleep(max(0, began + moment - now()))
            self.contender.kill()
            time.sleep(0.5)
            self.start()
            self.contender.await_start()
        self._wait(lambda: not asking.is_alive() and self._is_over(), 0.5)
        self.outcome = self._outcome()

    def begin(self):
        """In a thread of its own, which is answered."""
        return self._thread(self._hold)

    def _thread(self, action):
        def noting_errors():
            try:
                action()
            except Exception as error:
                self.error = self.error or error

        thread = threading.Thread(target=noting_errors, daemon=True)
        thread.start()
        return thread

    def _ask(self):
        began = now()
        # Those of one moment are asked for together.
        for moment, asks in itertools.groupby(self.asks, lambda ask: ask.moment):
            asks = list(asks)
            time.sleep(max(0, began + moment - now()))
            self.made += [(now(), ask) for ask in asks]
            self.contender.ask(*asks)
        self.contender.no_more()

    def _is_over(self):
        lines = self.sandbox.lines()
        seen, self._seen = self._seen, len(lines)
        if len(lines) > seen:
            return False
        if lines and now() - lines[-1]["answered_us"] / 1e6 > self.contender.quiet:
            return True
        return self.contender.is_over(self._outcome)

    def _outcome(self):
        """Not worked out anew while nothing has come."""
        lines = self.sandbox.lines()
        if self._judged[0] < len(lines):
            self._judged = (len(lines), outcome(lines, self.made))
        return self._judged[1]

    def _wait(self, condition, every):
        while not condition():
            if self._is_stopped or self.error:
                raise self.error or RuntimeError("stopped")
            time.sleep(every)

    def stop(self):
        with self._starting:
            self._is_stopped = True
        self.contender.stop()
        self.sandbox.stop()


def side_by_side(trials, patience):
    """Holds them all at once; answers their outcomes."""
    try:
        for trial in trials:
            trial.start()
        for trial in trials:
            trial.contender.await_start()
        threads = [trial.begin() for trial in trials]
        deadline = now() + patience
        while late := [
            trial for thread, trial in zip(threads, trials) if thread.is_alive() or trial.error
        ]:
            for trial in late:
                if trial.error:
                    raise trial.error
            if now() > deadline:
                names = ", ".join(trial.contender.name for trial in late)
                raise RuntimeError(f"not done in {patience} s: {names}")
            time.sleep(0.1)
    finally:
        for trial in trials:
            trial.stop()
    return [trial.outcome for trial in trials]
