/** Lenslet as a library with its engine in a Web Worker: the same interface, and the page stays responsive. Browsers
 *  only. */

export * from '../lens/page';
export { openLens } from './client';
