import { InvalidOptionError } from './errors';

export const HUB = 'https://huggingface.co';

/** Whether a text names a repository of the Hub, `Owner/name`. The address of a folder beside the page differs by a
 *  slash at its end, or a dot or slash in front. */
export const isHubName = (text: string): boolean =>
  /^[\w-][\w.-]{0,95}\/[\w-][\w.-]{0,95}$/.test(text) && !text.includes('..');

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

/** The Hub's repositories of other kinds. */
const OTHER_PLACE = /^(?:(?:https?:\/\/)?(?:www\.)?(?:huggingface|hf)\.co\/|hf:\/\/)(datasets|spaces)\/[^/]+/i;

/** Reads `Owner/name`, `Owner/name@revision`, `hf://Owner/name@revision/file`, or the address of a page of the
 *  repository: with or without `https://`, at any file or branch, with blanks, quotes or slashes around it, or blanks around the one slash. Throws InvalidOptionError in the words of who typed it. */
export function hubAddress(typed: string): HubAddress {
  const found = shownBy(typed)?.at ?? named(bare(typed));
  if (!found) {
    const shown = typed.trim().slice(0, 80);
    const other = OTHER_PLACE.exec(bare(typed))?.[1]?.toLowerCase();
    throw new InvalidOptionError(
      `“${shown}” is ${other === undefined ? 'not a repository name' : `the address of a ${other === 'datasets' ? 'data set' : 'space'}, not of a model or a dictionary`}. Enter Owner/name, such as Qwen/Qwen3-1.7B-Base.`,
      { typed: shown },
    );
  }
  return found;
}

/** The repository whose page an address is, or that an `hf://` address names, if it is one of the Hub itself; else null. */
export function hubPage(typed: string): HubAddress | null {
  const found = shownBy(typed)?.at;
  return found && found.endpoint === undefined ? found : null;
}

/** A dot alone makes no file: folders are called layers.12, or l0_8.5. */
const FILE =
  /\.(?:safetensors|json|jsonl|pt|pth|bin|ckpt|npz|npy|h5|gguf|onnx|msgpack|parquet|csv|tsv|ya?ml|toml|md|txt|py|ipynb|gz|zip|tar|gitattributes)$/i;

/** The folder in the repository that an address shows, or the folder of the file that it shows; null for the repository
 *  itself, and for what is no address. */
export function hubFolder(typed: string): string | null {
  const { inside = [], view } = shownBy(typed) ?? {};
  const isFile = view !== 'tree' && FILE.test(inside.at(-1) ?? '');
  const folder = isFile ? inside.slice(0, -1) : inside;
  const sound = folder.every((part) => part !== '.' && part !== '..' && !part.includes('/'));
  return folder.length && sound ? folder.join('/') : null;
}

/** The repository of a model as somebody typed or pasted it: as `hubAddress`, and throws InvalidOptionError for the
 *  address of a folder in a repository, too, since a model is read from the top. */
export function modelRepository(typed: string): HubAddress {
  const at = hubAddress(typed);
  const folder = hubFolder(typed);
  if (folder === null) return at;
  throw new InvalidOptionError(
    `This is the address of the folder ${folder.slice(0, 80)} in ${at.repo}, and a model is read from the top of its repository. Enter ${at.repo} for that one, or pick the folder from a copy on this computer.`,
    { repo: at.repo, folder },
  );
}

/** Without what a copied address may have around it. */
const bare = (typed: string): string =>
  typed
    .trim()
    .replace(/^[<"'“‘`]+|[>"'”’`]+$/g, '')
    .trim()
    .replace(/^([\w.-]+)\s*\/\s*(?=[\w.-]+(?:@\S+)?$)/, '$1/');

const named = (text: string): HubAddress | null => (/^[^/]+\/[^/]+\/*$/.test(text) ? schemed(text)?.at : null) ?? null;

/** As it is typed in a box: `Owner/name@revision`, without the revision where there is none. */
export const writtenAddress = ({ repo, revision }: Pick<HubAddress, 'repo' | 'revision'>): string =>
  revision === undefined ? repo : `${repo}@${revision.replaceAll('/', '%2F')}`;

/** Several, with commas or blanks between them. */
export const hubAddresses = (typed: string): HubAddress[] =>
  typed
    .replace(/(?<=^|[\s,;])([\w.-]+)\s*\/\s*(?=[\w.-]+(?:@\S+)?(?:[\s,;]|$))/g, '$1/')
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(hubAddress);

/** What an address shows: `inside` its repository, by what kind of page. */
interface Shown {
  at: HubAddress;
  inside: string[];
  view?: string;
}

function shownBy(typed: string): Shown | null {
  const text = bare(typed);
  const scheme = /^hf:\/\/(.*)$/is.exec(text)?.[1];
  if (scheme !== undefined) return schemed(scheme);
  const hostOnly = /^(?:www\.)?(?:huggingface|hf)\.co\//i.test(text);
  const url = URL.parse(hostOnly ? `https://${text}` : text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username) return null;
  const parts = url.pathname.split('/').filter(Boolean).map(decoded);
  // The Hub writes a model's own address without it, and its API with it.
  if (parts[0] === 'models') parts.shift();
  const [owner = '', name = '', view = '', first = '', ...more] = parts;
  // The one kind of revision with slashes that the Hub itself makes.
  const long = first === 'refs' && more.length > 1;
  const revision = long ? [first, ...more.slice(0, 2)].join('/') : first;
  const repo = `${owner}/${name}`;
  if (!isHubName(repo) || NO_MODELS.has(owner) || (view && !VIEWS.has(view))) return null;
  const endpoint = HUB_HOSTS.has(url.host) ? undefined : url.origin;
  const bears = view !== '' && view !== 'discussions' && revision !== '' && revision !== 'main';
  if (bears && !isRevision(revision)) return null;
  const at = { repo, ...(bears && { revision }), ...(endpoint !== undefined && endpoint !== HUB && { endpoint }) };
  const shows = view !== 'discussions' && !view.startsWith('commit');
  return { at, inside: shows ? more.slice(long ? 2 : 0) : [], view };
}

const isRevision = (text: string): boolean => /^\w[\w./-]{0,127}$/.test(text) && !text.includes('..');

/** `Owner/name`, `Owner/name@revision` and files in it, as Hugging Face's file systems write them behind `hf://`. */
function schemed(path: string): Shown | null {
  const [owner = '', named = '', ...inside] = path
    .replace(/^models\//, '')
    .split('/')
    .filter(Boolean);
  const [name, revision = ''] = named.split('@').map(decoded) as [string, string?];
  const repo = `${owner}/${name}`;
  if (!isHubName(repo) || NO_MODELS.has(owner) || (revision && !isRevision(revision))) return null;
  return { at: { repo, ...(revision && revision !== 'main' && { revision }) }, inside: inside.map(decoded) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
