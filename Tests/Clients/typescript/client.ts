// What test_clients.py has every language do. The commands are described there.

import { DatabaseSync } from "node:sqlite";

import { ask, openQueue, saw, transaction, wait } from "./queue";

/** Both or neither: no ticket changes without a refresh of its previews. */
function change(db: DatabaseSync, ticket: string, title: string, body: object): number {
  return transaction(db, () => {
    db.prepare(
      "INSERT INTO app_ticket (id, title) VALUES (?, ?)" +
        " ON CONFLICT (id) DO UPDATE SET title = excluded.title",
    ).run(ticket, title);
    return ask(db, "key", `ticket-${ticket}`, body);
  });
}

/** In the callback's handler. Feishu waits 3 s for the answer: a missed sighting comes with the
 * user's next look, a missed answer never does. The whole process waits, so the time is short. */
function record(path: string, token: string, key: string): string {
  let db: DatabaseSync | undefined;
  try {
    db = openQueue(path, 200);
    saw(db, token, key);
    return "recorded";
  } catch (error) {
    return `not recorded: ${error instanceof Error ? error.message : error}`;
  } finally {
    db?.close();
  }
}

async function crowd(db: DatabaseSync, name: string, count: number): Promise<number> {
  const numbers = Array.from({ length: count }, (_, each) =>
    ask(db, "preview", `${name}-${each}`, { everyone: true }),
  );
  const outcomes = await Promise.all(numbers.map((number) => wait(db, number, 60_000)));
  return outcomes.filter((outcome) => outcome === "delivered").length;
}

async function run(command: string, path: string, words: string[]): Promise<unknown> {
  if (command === "saw") {
    const begun = process.hrtime.bigint();
    const answer = record(path, words[0], words[1]);
    return `${(process.hrtime.bigint() - begun) / 1_000_000n} ms, ${answer}`;
  }
  const db = openQueue(path);
  try {
    const setting = (name: string) => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
    switch (command) {
      case "settings":
        return `${setting("synchronous")} ${setting("busy_timeout")}`;
      case "ask":
        return ask(db, words[0], words[1], JSON.parse(words[2]));
      case "change":
        return change(db, words[0], words[1], JSON.parse(words[2]));
      case "wait":
        return await wait(db, Number(words[0]), Number(words[1]) * 1000);
      case "crowd":
        return await crowd(db, words[0], Number(words[1]));
    }
  } finally {
    db.close();
  }
  throw new Error(`unknown command ${command}`);
}

const [command, path, ...words] = process.argv.slice(2);
run(command, path, words).then(console.log, (error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
