import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Index as Connection } from 'selenium-webdriver/bidi';
import { type Engine, PATIENCE, selectAll, until } from './engine';
import { leashed } from './leash';

/** The package exports the class itself, which its types do not say. */
const Bidi: new (url: string) => Connection = createRequire(import.meta.url)('selenium-webdriver/bidi');

/** These tests are of WebAssembly, and of what the page says where there is no WebGPU. */
const PREFERENCES = { 'dom.webgpu.enabled': false };

const ENTER = '\uE007';

/** A Firefox as its maker ships it, without a window, driven over WebDriver BiDi. */
export async function openFirefox(path: string): Promise<Engine> {
  const profile = mkdtempSync(join(tmpdir(), 'lenslet-firefox-'));
  const lines = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join(''));
  const browser = leashed(path, ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0']);
  const close = async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const [, address] = await browser.says(/WebDriver BiDi listening on (ws:\S+)/, PATIENCE);
    const connection = new Bidi(`${address}/session`);
    const { capabilities } = await ask<{ capabilities: { browserVersion: string } }>(connection, 'session.new', {
      capabilities: {},
    });
    const { contexts } = await ask<{ contexts: { context: string }[] }>(connection, 'browsingContext.getTree', {});
    const context = contexts[0]!.context;
    await ask(connection, 'browsingContext.setViewport', { context, viewport: { width: 1440, height: 900 } });
    return {
      name: `Firefox ${capabilities.browserVersion}`,
      ...driven(connection, context),
      close: async () => {
        await connection.close();
        await close();
      },
    };
  } catch (error) {
    const said = browser.said();
    await close();
    throw new Error(
      `Firefox was not opened: ${error instanceof Error ? error.message : error}. It wrote: ${said || 'nothing'}`,
    );
  }
}

/** Sends a command and returns its result. */
async function ask<R>(connection: Connection, method: string, params: Record<string, unknown>): Promise<R> {
  const answer = (await connection.send({ method, params })) as {
    type: string;
    result: R;
    error?: string;
    message?: string;
  };
  if (answer.type !== 'success') throw new Error(`${method}: ${answer.error}: ${answer.message}`);
  return answer.result;
}

type Called =
  | { type: 'success'; result: { value: string } }
  | { type: 'exception'; exceptionDetails: { text: string } };

function driven(connection: Connection, context: string): Omit<Engine, 'name' | 'close'> {
  const evaluate: Engine['evaluate'] = async (script, ...args) => {
    const called = await ask<Called>(connection, 'script.callFunction', {
      functionDeclaration: `async () => JSON.stringify([await (${script})(...${JSON.stringify(args)})])`,
      target: { context },
      awaitPromise: true,
      userActivation: true,
    });
    if (called.type === 'exception') throw new Error(called.exceptionDetails.text);
    return JSON.parse(called.result.value)[0];
  };
  const act = (actions: Record<string, unknown>) =>
    ask(connection, 'input.performActions', { context, actions: [actions] });
  const press = (...keys: string[]) =>
    keys.flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
  const click = async (selector: string) => {
    const element = await until(
      { evaluate },
      `there is ${selector}`,
      (css) => {
        const found = document.querySelector(css);
        found?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        return found !== null;
      },
      selector,
    ).then(() =>
      ask<{ nodes: { sharedId: string }[] }>(connection, 'browsingContext.locateNodes', {
        context,
        locator: { type: 'css', value: selector },
        maxNodeCount: 1,
      }),
    );
    const origin = { type: 'element', element: { sharedId: element.nodes[0]!.sharedId } };
    await act({
      type: 'pointer',
      id: 'mouse',
      parameters: { pointerType: 'mouse' },
      actions: [
        { type: 'pointerMove', x: 0, y: 0, origin },
        { type: 'pointerDown', button: 0 },
        { type: 'pointerUp', button: 0 },
      ],
    });
  };
  return {
    evaluate,
    click,
    goto: async (url) => {
      await ask(connection, 'browsingContext.navigate', { context, url, wait: 'interactive' });
    },
    type: async (selector, text, enter = false) => {
      await click(selector);
      await selectAll({ evaluate }, selector);
      await act({ type: 'key', id: 'keyboard', actions: press(...text, ...(enter ? [ENTER] : [])) });
    },
    picture: async () => {
      const { data } = await ask<{ data: string }>(connection, 'browsingContext.captureScreenshot', { context });
      return Buffer.from(data, 'base64');
    },
  };
}
