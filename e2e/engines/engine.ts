/** What the main job needs of a browser. Selectors are CSS. */
export interface Engine {
  /** The browser's name and version, as it gives them itself. */
  readonly name: string;
  goto(url: string): Promise<void>;
  /** Runs a function in the page, with arguments and an answer that JSON can carry; a promise is awaited. The function
   *  sees nothing but its arguments. */
  evaluate<R, A extends readonly unknown[]>(script: (...args: A) => R, ...args: A): Promise<Awaited<R>>;
  /** Clicks the middle of an element that is in sight, with the browser's own pointer. */
  click(selector: string): Promise<void>;
  /** Types over what a field holds, with the browser's own keys; Enter at the end where `enter` asks for it. */
  type(selector: string, text: string, enter?: boolean): Promise<void>;
  /** A picture of the page, PNG. */
  picture(): Promise<Buffer>;
  close(): Promise<void>;
}

/** Seconds that one wait may take: these machines may be busy. */
export const PATIENCE = 120;

export const id = (testId: string): string => `[data-testid="${testId}"]`;

/** The text of an element; null where it is not there. */
export const textOf = (engine: Engine, selector: string): Promise<string | null> =>
  engine.evaluate((css) => document.querySelector(css)?.textContent ?? null, selector);

/** Waits until `script` gives in the page what is neither null, undefined nor false, and returns that. */
export async function until<R, A extends readonly unknown[]>(
  engine: Pick<Engine, 'evaluate'>,
  what: string,
  script: (...args: A) => R,
  ...args: A
): Promise<Exclude<Awaited<R>, null | undefined | false>> {
  const end = performance.now() + PATIENCE * 1000;
  for (;;) {
    const found = await engine.evaluate(script, ...args);
    if (found !== null && found !== undefined && found !== false)
      return found as Exclude<Awaited<R>, null | undefined | false>;
    if (performance.now() > end) throw new Error(`Not within ${PATIENCE} s: ${what}. ${await stateOf(engine)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Selects what a field holds, once it has the focus: a key for that may come before a slow browser has set the caret
 *  of the click. */
export const selectAll = (engine: Pick<Engine, 'evaluate'>, selector: string) =>
  until(
    engine,
    `${selector} has the focus`,
    (css) => {
      const field = document.querySelector<HTMLInputElement | HTMLTextAreaElement>(css);
      if (!field || document.activeElement !== field) return false;
      field.select();
      return true;
    },
    selector,
  );

/** What the page says of itself, for a failure's message. */
async function stateOf(engine: Pick<Engine, 'evaluate'>): Promise<string> {
  const state = await engine.evaluate(() => ({
    address: location.href,
    state: document.documentElement.dataset.state,
    run: document.querySelector('[data-testid="run"]')?.getAttribute('data-status'),
    opening: document.querySelector('[data-testid="opening"]')?.textContent,
    errors: [...document.querySelectorAll('[data-testid="error"]')].map((error) => error.textContent),
    notices: document.querySelector('[data-testid="notices"]')?.textContent,
  }));
  return `The page: ${JSON.stringify(state)}`;
}
