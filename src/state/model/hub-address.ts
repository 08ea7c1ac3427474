import { InvalidOptionError } from '../../lens/api/errors';
import { HUB, isHubName } from '../../lens/api/identity';

/** A repository as somebody typed or pasted it. */
export interface HubAddress {
  repo: string;
  revision?: string;
  /** Where it is, if not on the Hub itself: the address of a mirror. */
  endpoint?: string;
}

const HUB_HOSTS: ReadonlySet<string> = new Set(['huggingface.co', 'www.huggingface.co', 'hf.co']);
/** What a page of a repository names before the revision. */
const VIEWS: ReadonlySet<string> = new Set(['tree', 'blob', 'resolve', 'raw', 'commit', 'commits', 'discussions']);
/** The Hub's other places, which have an owner and a name too. */
const NO_MODELS: ReadonlySet<string> = new Set(['datasets', 'spaces', 'collections', 'papers', 'docs', 'blog', 'api']);

/** Reads `Owner/name`, or the address of a page of the repository: with or without `https://`, at any file or branch.
 *  Throws InvalidOptionError in the words of who typed it. */
export function hubAddress(typed: string): HubAddress {
  const found = pageOf(typed) ?? named(typed.trim().replace(/\/+$/, ''));
  if (!found) {
    const shown = typed.trim().slice(0, 80);
    throw new InvalidOptionError(
      `“${shown}” is not a repository name. Enter Owner/name, such as Qwen/Qwen3-1.7B-Base.`,
      { typed: shown },
    );
  }
  return found;
}

/** The repository whose page an address is, if it is one of the Hub itself; else null. */
export function hubPage(typed: string): HubAddress | null {
  const found = pageOf(typed);
  return found && found.endpoint === undefined ? found : null;
}

const named = (repo: string): HubAddress | null => (isHubName(repo) ? { repo } : null);

function pageOf(typed: string): HubAddress | null {
  const text = typed.trim();
  const bare = /^(?:www\.)?(?:huggingface|hf)\.co\//i.test(text);
  const url = URL.parse(bare ? `https://${text}` : text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username) return null;
  const parts = url.pathname.split('/').filter(Boolean).map(decoded);
  // The Hub writes a model's own address without it, and its API with it.
  if (parts[0] === 'models') parts.shift();
  const [owner = '', name = '', view = '', revision = ''] = parts;
  const repo = `${owner}/${name}`;
  if (!isHubName(repo) || NO_MODELS.has(owner) || (view && !VIEWS.has(view))) return null;
  const endpoint = HUB_HOSTS.has(url.host) ? undefined : url.origin;
  const bears = view !== '' && view !== 'discussions' && revision !== '' && revision !== 'main';
  if (bears && (!/^\w[\w./-]{0,127}$/.test(revision) || revision.includes('..'))) return null;
  return { repo, ...(bears && { revision }), ...(endpoint !== undefined && endpoint !== HUB && { endpoint }) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
