// What is used here of Node. Your own project has the package @types/node instead.

declare const process: {
  argv: string[];
  exitCode: number;
  hrtime: { bigint(): bigint };
};

declare module "node:sqlite" {
  type Value = null | number | bigint | string | Uint8Array;
  interface StatementSync {
    run(...values: Value[]): { changes: number | bigint; lastInsertRowid: number | bigint };
    get(...values: Value[]): Record<string, Value> | undefined;
  }
  export class DatabaseSync {
    constructor(path: string | URL);
    exec(sql: string): void;
    prepare(sql: string): StatementSync;
    close(): void;
  }
}

declare module "node:timers/promises" {
  export function setTimeout(ms: number): Promise<void>;
}

declare module "node:url" {
  export function pathToFileURL(path: string): URL;
}
