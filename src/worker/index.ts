/** Lenslet without a page, its engine in a Web Worker: the same interface, and a page that stays free. Browsers
 *  only. */

export * from '../lens/page';
export { openLens } from './client';
