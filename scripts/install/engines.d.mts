export interface WebKitPaths {
  /** WebKitWebDriver. */
  driver: string;
  /** Xvfb. */
  display: string;
}
export const NO_FIREFOX: string;
export const NO_WEBKIT: string;
export function mustHave(env?: NodeJS.ProcessEnv): boolean;
export function firefoxPath(): string | null;
export function webKitPaths(): WebKitPaths | null;
