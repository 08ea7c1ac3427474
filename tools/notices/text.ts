import type { BundledPackage } from './packages.ts';

const RULE = '='.repeat(80);

/** The notice as it is handed on: a list, then each package's texts. */
export function noticeText(packages: readonly BundledPackage[], what: string): string {
  const name = ({ name, version, license }: BundledPackage) => `${name}@${version} (${license})`;
  const parts = packages.map((one) => [RULE, name(one), RULE, '', one.texts.join('\n\n')].join('\n'));
  return `${[`${what} Lenslet itself is under the MIT licence; these packages, of which it holds copies, are under their own.`, '', ...packages.map((one) => `  ${name(one)}`), '', parts.join('\n\n')].join('\n')}\n`;
}
