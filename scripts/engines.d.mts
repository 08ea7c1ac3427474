export interface WebKitPaths {
  /** WebKitWebDriver. */
  driver: string;
  /** Xvfb. */
  display: string;
}
type Install = (packages: string[]) => void | Promise<void>;
export const NO_FIREFOX: string;
export const NO_WEBKIT: string;
export function mayInstall(env?: NodeJS.ProcessEnv): boolean;
export function findFirefox(install?: Install): Promise<string | null>;
export function findWebKit(install?: Install): Promise<WebKitPaths | null>;
