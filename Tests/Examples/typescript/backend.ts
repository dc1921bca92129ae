// Tickets whose links unfold into previews in Feishu. Larkspur keeps the previews up to date.
//
// The tickets are in files of their own, which stand for any database. So a change is written
// first, and then the refresh is asked for. How to start it: ../README.md. Settings, in the
// environment:
//
//   LARKSPUR_DB                 the queue
//   TICKETS                     the folder of the tickets
//   FEISHU_VERIFICATION_TOKEN   of the app
//   FEISHU_ENCRYPT_KEY          of the app, if it has one
//   PORT                        to listen on at 127.0.0.1 (8000)

import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";

import { opened, Refused, type Callback, type PreviewEvent } from "./feishu";

const tickets = setting("TICKETS");
const app = {
  verificationToken: setting("FEISHU_VERIFICATION_TOKEN"),
  encryptKey: setting("FEISHU_ENCRYPT_KEY", ""),
};
const largestBody = 1_000_000;

function setting(name: string, otherwise?: string): string {
  const value = process.env[name] ?? otherwise;
  if (value === undefined) throw new Error(`${name} is not set`);
  return value;
}

async function answer(callback: Callback): Promise<object> {
  if (callback.type === "url_verification") return { challenge: callback.challenge };
  // Feishu sends all callbacks of an app to one address.
  if (callback.header?.event_type !== "url.preview.get" || !callback.event) return {};
  return { inline: { title: await title(callback.event) } };
}

/** First record the sighting, then read the ticket. The other way round, a change between the two
 * would not know of this preview, and the preview would keep the old title. */
async function title(event: PreviewEvent): Promise<string> {
  const ticket = /^\/tickets\/(\d{1,18})$/.exec(new URL(event.context.url).pathname)?.[1];
  if (!ticket) return "Not a ticket";
  await record(keyOf(ticket), event);
  return `#${ticket} ${await read(ticket)}`;
}

/** What the ticket is called in the queue. */
function keyOf(ticket: string): string {
  return `ticket-${ticket}`;
}

async function record(key: string, { context, operator }: PreviewEvent): Promise<void> {
  // A draft has no token: nobody but its author sees it, and nothing can refresh it.
  if (!context.preview_token) return;
  const sighting = {
    token: context.preview_token,
    key,
    url: context.url,
    chat: context.open_chat_id,
    open_id: operator.open_id,
  };
  try {
    // Feishu waits 3 s. A preview that the queue does not know yet is better than none.
    await larkspur(["saw", "--from", "-"], { input: JSON.stringify(sighting), limit_ms: 1_500 });
  } catch (error) {
    console.error(`sighting of ${key} not recorded: ${error}`);
  }
}

async function read(ticket: string): Promise<string> {
  try {
    return await readFile(join(tickets, ticket), "utf8");
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return "not found";
  }
}

/** First write the ticket, then ask. If asking fails, the caller is told so and repeats the
 * request, which does no harm. If this program dies between the two, the previews keep the old
 * title: a backend whose data is in the queue's file does both in one transaction, as the example
 * in Python does. */
async function change(ticket: string, newTitle: string): Promise<void> {
  const file = join(tickets, ticket);
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, newTitle);
  await rename(draft, file);
  await larkspur(["enqueue", "key", keyOf(ticket), "--everyone"], { limit_ms: 20_000 });
}

/** Runs `larkspur`, and fails if it does, or if it takes longer. It finds the queue by LARKSPUR_DB.
 * What it reads is not in its arguments, which every user of the machine can see. */
function larkspur(words: string[], { input = "", limit_ms = 0 }): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("larkspur", words, { timeout: limit_ms }, (error) =>
      error ? reject(error) : resolve(),
    );
    // If it ends before it has read everything, its exit code says why.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > largestBody) throw new Error("the body is too large");
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function handled(request: IncomingMessage): Promise<[number, object]> {
  const raw = await bodyOf(request);
  if (request.method === "POST" && request.url === "/callback") {
    return [200, await answer(opened(request.headers, raw, app))];
  }
  // Where tickets are changed in your backend, behind a check of who may do so.
  const ticket = /^\/tickets\/(\d{1,18})$/.exec(request.url ?? "")?.[1];
  if (request.method === "POST" && ticket) {
    await change(ticket, JSON.parse(raw.toString()).title);
    return [200, {}];
  }
  return [404, { error: "not found" }];
}

const server = createServer(async (request, response) => {
  let status = 200;
  let body = {};
  try {
    [status, body] = await handled(request);
  } catch (error) {
    [status, body] = [error instanceof Refused ? 401 : 500, { error: String(error) }];
    console.error(`${request.url}: ${error}`);
  }
  response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" });
  response.end(JSON.stringify(body));
});

server.listen(Number(setting("PORT", "8000")), "127.0.0.1", () => {
  const address = server.address();
  if (address && typeof address === "object") console.log(`http://127.0.0.1:${address.port}`);
});
