/** A fault; the fields of each kind are in faults.mjs. */
export interface Fault {
  kind: 'cut' | 'stall' | 'length' | 'slow' | 'status' | 'alter' | 'whole' | 'shift' | 'page' | 'hidden';
  /** `*` for any characters; of the path without its query. Large files are sent at `/cdn/Owner/name/path`. Every path
   *  where it is not said. */
  path?: string;
  /** For ever where it is not said. */
  times?: number;
  at?: number;
  after?: number;
  by?: number;
  rate?: number;
  status?: number;
  retryAfter?: number | string;
  code?: string;
  silent?: boolean;
}

export interface Logged {
  method: string;
  path: string;
  range: string | null;
  /** It had an authorization header. */
  authorized: boolean;
  /** 0 while it is being answered. */
  status: number;
  /** Bytes that went to the client, headers included; 0 while it is being answered. */
  sent: number;
  /** From the request to the last byte, or to where the connection ended. */
  seconds?: number;
}

export interface LookAlike {
  url: string;
  /** Where large files come from: `url`, or the second server. */
  cdn: string;
  log: Logged[];
  fault(...faults: Fault[]): void;
  clearFaults(): void;
  /** Moves a branch of a repository to what a folder holds now; resolves to the commit. Older commits are served as
   *  before. */
  publish(repo: string, directory: string, branch?: string): Promise<string>;
  /** Takes the hashes of a repository's files, so that its first listing does not wait for them. */
  prepare(repo: string): Promise<void>;
  close(): Promise<void>;
}

export function startHub(options: {
  /** Holds Owner/name/…. */
  root: string;
  port?: number;
  /** Large files from a server of their own; 0 for any port. */
  cdnPort?: number;
  gated?: string[];
  private?: string[];
  tokens?: string[];
  /** Files a page of a listing. */
  page?: number;
}): Promise<LookAlike>;
