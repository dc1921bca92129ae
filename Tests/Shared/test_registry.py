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


class Forgetting(Case):
    """What goes from the registry, by itself or because a person says so."""

    def setUp(self):
        super().setUp()
        self.run_sql("update tally set value = 0 where figure = 'day of forgetting'")

    def known(self):
        return [
            {name for name, in self.run_sql(f"select {column} from {table}")}
            for table, column in (("known_token", "name"), ("known_key", "name"), ("viewer", "open_id"))
        ]

    def age(self, table, days, **where):
        (column, value), = where.items()
        self.run_sql(f"update {table} set seen_day = seen_day - %s where {column} = %s", days, value)

    def forget(self, what, name, account=None):
        return self.run_sql(f"select * from forget_{what}(%s, %s)", name, account)[0]

    def test_token(self):
        """A token goes with those who have seen it; its key stays."""
        self.see(token="t", key="k", open_id="ou_1")
        self.see(token="t", key="l", open_id="ou_2")
        self.see(token="u", key="k", open_id="ou_1")
        self.see(token="t", key="k", account="other")
        self.assertEqual(self.forget("token", "t", "default"), (1, 0, 2))
        self.assertEqual(self.known(), [{"t", "u"}, {"k", "l"}, {"ou_1"}])
        self.assertEqual(self.forget("token", "t"), (1, 0, 0))

    def test_key(self):
        """A key goes with the previews that have no other."""
        self.see(token="t", key="k", open_id="ou_1")
        self.see(token="u", key="k")
        self.see(token="u", key="l")
        self.assertEqual(self.forget("key", "k"), (1, 1, 1))
        self.assertEqual(self.known(), [{"u"}, {"l"}, set()])
        self.assertEqual(self.forget("key", "k"), (0, 0, 0))

    def test_viewer(self):
        """A user goes from all previews."""
        self.see(token="t", key="k", open_id="ou_1")
        self.see(token="u", key="k", open_id="ou_1")
        self.see(token="u", key="k", open_id="ou_2")
        self.assertEqual(self.forget("viewer", "ou_1"), (0, 0, 2))
        self.assertEqual(self.known(), [{"t", "u"}, {"k"}, {"ou_2"}])

    def test_unseen(self):
        """What was not seen for 30 days goes, or for as many as the account keeps it."""
        self.configure("long", limits={"sightings_days": 60})
        for account in ("default", "long"):
            self.see(token=f"t-{account}", key=f"k-{account}", open_id=f"ou_{account}", account=account)
        self.run_sql("update tag set seen_day = seen_day - 31")
        self.run_sql("update viewer set seen_day = seen_day - 31")
        self.run_sql("select forget_unseen()")
        self.assertEqual(self.known(), [{"t-long"}, {"k-long"}, {"ou_long"}])

    def test_seen(self):
        """A token stays as long as one of its keys is seen; users of it go one by one."""
        self.see(token="t", key="k", open_id="ou_1")
        self.see(token="t", key="l", open_id="ou_2")
        self.run_sql("update tag set seen_day = seen_day - 31 where key_id = (select id from known_key where name = 'k')")
        self.age("viewer", 31, open_id="ou_1")
        self.run_sql("select forget_unseen()")
        self.assertEqual(self.known(), [{"t"}, {"l"}, {"ou_2"}])

    def test_surplus(self):
        """A key keeps the previews that were seen last, and says how many it has dropped."""
        self.configure("default", limits={"previews_per_key": 2})
        for number in range(5):
            self.see(token=f"t{number}", key="k")
            self.run_sql("update tag set seen_day = seen_day - 1")
        self.run_sql("select forget_unseen()")
        self.assertEqual(self.known()[0], {"t3", "t4"})
        self.assertEqual(self.value("select dropped from keys"), 3)

    def test_needed(self):
        """What an open ask by key stands for stays until that has ended."""
        self.see(token="t", key="k")
        self.run_sql("update tag set seen_day = seen_day - 31")
        ask = self.ask("k", kind="key", after_ms=60_000)
        self.run_sql("select forget_unseen()")
        self.assertEqual(self.known()[0], {"t"})
        self.run_sql("delete from ask where id = %s", ask)
        self.run_sql("update tally set value = 0 where figure = 'day of forgetting'")
        self.run_sql("select forget_unseen()")
        self.assertEqual(self.known(), [set(), set(), set()])

    def test_once_a_day(self):
        """The registry is looked through once a day, however often that is asked for."""
        self.run_sql("select forget_unseen()")
        self.see(token="t", key="k")
        self.run_sql("update tag set seen_day = seen_day - 31")
        self.run_sql("select forget_unseen()")
        self.assertEqual(self.known()[0], {"t"})
