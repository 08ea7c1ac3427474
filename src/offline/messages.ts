/** From a page to the worker that waits: see `makeWay`. */
export const TAKE_OVER = 'take over';
