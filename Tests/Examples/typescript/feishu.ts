// Feishu's callbacks: the checks before one is believed.

import { createDecipheriv, createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** The request did not come from Feishu. */
export class Refused extends Error {}

/** What is used here of a callback of schema 2.0, and of a challenge, which has no header. */
export interface Callback {
  type?: string;
  token?: string;
  challenge?: string;
  header?: { token: string; event_type: string };
  event?: PreviewEvent;
}

export interface PreviewEvent {
  operator: { open_id: string };
  context: { url: string; preview_token?: string; open_chat_id?: string };
}

export interface Credentials {
  verificationToken: string;
  /** Empty if the app has none. */
  encryptKey: string;
}

/** The callback in a request with this body, decrypted if the app has an Encrypt Key. */
export function opened(headers: IncomingHttpHeaders, raw: Buffer, app: Credentials): Callback {
  let callback: Callback = {};
  let isKnown = false;
  try {
    callback = JSON.parse(raw.toString());
    if (app.encryptKey) {
      const { encrypt } = callback as { encrypt?: string };
      callback = JSON.parse(decrypted(encrypt ?? "", app.encryptKey));
    }
    // Feishu's own libraries do not expect a challenge to be signed.
    const isChallenge = callback.type === "url_verification";
    const token = isChallenge ? callback.token : callback.header?.token;
    isKnown =
      areEqual(token ?? "", app.verificationToken) &&
      (!app.encryptKey || isChallenge || isSigned(headers, raw, app.encryptKey));
  } catch {
    // Neither JSON nor encrypted with this key.
  }
  // Always the same, so that nobody can find out by trying which check failed.
  if (!isKnown) throw new Refused("not a callback of this app");
  return callback;
}

/** Checks the bytes that were received. JSON that was parsed and written again may differ. */
export function isSigned(headers: IncomingHttpHeaders, raw: Buffer, encryptKey: string): boolean {
  const signature = createHash("sha256")
    .update(`${headers["x-lark-request-timestamp"]}${headers["x-lark-request-nonce"]}${encryptKey}`)
    .update(raw)
    .digest("hex");
  return areEqual(signature, String(headers["x-lark-signature"]));
}

/** AES-256 in CBC mode; the first block is the initialization vector. */
export function decrypted(text: string, encryptKey: string): string {
  const whole = Buffer.from(text, "base64");
  const key = createHash("sha256").update(encryptKey).digest();
  const cipher = createDecipheriv("aes-256-cbc", key, whole.subarray(0, 16));
  return Buffer.concat([cipher.update(whole.subarray(16)), cipher.final()]).toString();
}

/** In constant time: how long it takes must not tell how much of a guess was right. */
function areEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
