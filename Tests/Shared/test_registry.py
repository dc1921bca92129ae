"""What was seen."""

import threading

import psycopg2

from case import Case, Shared
from server import PATIENCE


class Sightings(Case):
    def test_repeat(self):
        """A sighting that says nothing new writes no row and not a byte of the log."""
        seen = {"token": "t", "key": "k", "url": "https://x/1", "chat": "oc_1", "open_id": "ou_1"}
        less = {"token": "t", "key": "k"}
        tables = ("known_token", "known_key", "tag", "viewer")
        versions = lambda: [
            self.run_sql(f"select ctid::text, xmin::text, xmax::text from {name}")
            for name in tables
        ]
        self.see(**seen)
        before = versions()
        written = []
        # Another process of the server may write to the log in between, but not each time.
        for _ in range(5):
            position = self.value("select pg_current_wal_insert_lsn()")
            for _ in range(20):
                self.see(**seen)
                self.see(**less)
            written.append(self.value("select pg_current_wal_insert_lsn() - %s::pg_lsn", position))
        self.assertEqual(versions(), before)
        self.assertEqual(min(written), 0, written)

    def test_sixteenth(self):
        """Of two sessions that add the sixteenth key at the same time one is refused."""
        for number in range(15):
            self.see(token="t", key=f"k{number}")
        mine, theirs = self.session(), self.session()
        mine.autocommit = False
        self.see(on=mine, token="t", key="a")
        seeing = self.in_background(lambda: self.see(on=theirs, token="t", key="b"), theirs)
        mine.commit()
        with self.refused("23514", "has 16 keys already"):
            seeing()
        self.assertEqual(self.value("select count(*) from tag"), 16)

    def test_at_once(self):
        """Sessions that see the same for the first time make one preview, of sixteen keys at most."""
        refused = []

        def work(seed):
            connection = Shared.server.connect()
            for number in range(6):
                try:
                    self.see(on=connection, token="t", key=f"k{seed}{number}", open_id="ou_1")
                except psycopg2.Error as error:
                    refused.append(error.diag.message_primary)
            connection.close()

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        self.assertEqual(self.run_sql("select token, viewers from previews"), [("t", 1)])
        self.assertEqual(self.value("select count(*) from tag"), 16)
        self.assertEqual(len(refused), 20)
        self.assertTrue(all("has 16 keys already" in one for one in refused), refused)
