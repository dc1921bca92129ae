// What is used here of Node. Your own project has the package @types/node instead.

interface Buffer extends Uint8Array {
  subarray(start?: number, end?: number): Buffer;
  toString(encoding?: "hex"): string;
}
declare const Buffer: {
  from(text: string, encoding: "base64"): Buffer;
  concat(parts: Uint8Array[]): Buffer;
};
declare const process: { env: Record<string, string | undefined> };

declare module "node:crypto" {
  interface Hash {
    update(part: string | Uint8Array): Hash;
    digest(): Buffer;
    digest(encoding: "hex"): string;
  }
  interface Decipher {
    update(part: Uint8Array): Buffer;
    final(): Buffer;
  }
  export function createHash(name: "sha256"): Hash;
  export function createDecipheriv(name: string, key: Uint8Array, iv: Uint8Array): Decipher;
  export function timingSafeEqual(one: Uint8Array, other: Uint8Array): boolean;
  export function randomUUID(): string;
}

declare module "node:child_process" {
  interface Writable {
    on(event: "error", handler: () => void): void;
    end(text: string): void;
  }
  export function execFile(
    program: string,
    words: string[],
    options: { timeout: number },
    ended: (error: Error | null) => void,
  ): { stdin: Writable | null };
}

declare module "node:fs/promises" {
  export function readFile(path: string, encoding: "utf8"): Promise<string>;
  export function writeFile(path: string, text: string): Promise<void>;
  export function rename(from: string, to: string): Promise<void>;
}

declare module "node:path" {
  export function join(...parts: string[]): string;
}

declare module "node:http" {
  export type IncomingHttpHeaders = Record<string, string | string[] | undefined>;
  export interface IncomingMessage extends AsyncIterable<Buffer> {
    method?: string;
    url?: string;
    headers: IncomingHttpHeaders;
  }
  interface ServerResponse {
    writeHead(status: number, headers: Record<string, string>): void;
    end(body: string): void;
  }
  interface Server {
    listen(port: number, host: string, ready: () => void): void;
    address(): { port: number } | string | null;
  }
  export function createServer(
    handler: (request: IncomingMessage, response: ServerResponse) => void,
  ): Server;
}
