import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";

/** Opens the queue. A missing file is an error, and none is created. */
export function openQueue(path: string, waitMs = 10_000): DatabaseSync {
  const address = pathToFileURL(path);
  address.searchParams.set("mode", "rw");
  const db = new DatabaseSync(address);
  db.exec(`PRAGMA busy_timeout = ${waitMs}`);
  // A commit is on disk when it returns, whatever this SQLite was compiled with.
  db.exec("PRAGMA synchronous = FULL");
  return db;
}

/** Does all of the work or none of it. The work must not `await`: whatever else runs meanwhile on
 * this connection would be in the transaction too. */
export function transaction<Result>(db: DatabaseSync, work: () => Result): Result {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    try {
      db.exec("ROLLBACK");
    } catch {
      // Some errors, such as a full disk, have already rolled it back.
    }
    throw error;
  }
}

/** Returns the number of the new ask. */
export function ask(db: DatabaseSync, kind: string, lane: string, body: object): number {
  const insert = db.prepare("INSERT INTO ask (kind, lane, body) VALUES (?, ?, ?)");
  return Number(insert.run(kind, lane, JSON.stringify(body)).lastInsertRowid);
}

export function saw(db: DatabaseSync, token: string, key: string, openID: string | null = null) {
  db.prepare("INSERT INTO sighting (token, key, open_id) VALUES (?, ?, ?)").run(token, key, openID);
}

/** How the ask ended: delivered, dead, expired, cancelled or gone, or open if it has not. */
export async function wait(db: DatabaseSync, number: number, ms: number): Promise<string> {
  const end = Date.now() + ms;
  const look = db.prepare("SELECT outcome FROM ask WHERE id = ?");
  for (let pause = 20; ; pause = Math.min(2 * pause, 1000)) {
    const row = look.get(number);
    if (!row) return "gone";
    if (row.outcome !== null) return String(row.outcome);
    if (Date.now() >= end) return "open";
    await sleep(pause);
  }
}
