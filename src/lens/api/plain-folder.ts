/** A folder's path in a source as somebody wrote it, without `./` before it and slashes behind: '' is the source's own. */
export function plainFolder(written: string): string {
  const name = written.replace(/^(?:\.\/+)+/, '').replace(/\/+$/, '');
  return name === '.' ? '' : name;
}
