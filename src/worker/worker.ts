import { Host } from './host';
import type { Request } from './messages';

const host = new Host((reply) => self.postMessage(reply));
self.onmessage = ({ data }: MessageEvent<Request>) => host.receive(data);
