/** From a page to the worker that waits, which answers on the port whether it will: see `makeWay`. */
export const TAKE_OVER = 'take over';
