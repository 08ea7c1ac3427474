import { EngineHost } from './host';
import type { Request } from './messages';

const host = new EngineHost((reply) => self.postMessage(reply));
self.onmessage = ({ data }: MessageEvent<Request>) => host.receive(data);
