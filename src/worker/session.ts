import { DisposedError } from '../lens/api/errors';
import type { Channel } from './channel';

/** One lens's turn on the channel to a worker. When another lens takes over, this one's calls reject, so that the other
 *  never answers them. */
export class EngineSession implements Pick<Channel, 'call' | 'stream' | 'end'> {
  private over = false;

  constructor(private readonly channel: Channel) {}

  /** Ends this turn and begins the next. */
  succeed(): EngineSession {
    this.over = true;
    return new EngineSession(this.channel);
  }

  readonly call: Channel['call'] = (...args) => {
    if (this.over) return Promise.reject(closed());
    return this.channel.call(...args);
  };

  readonly stream: Channel['stream'] = (...args) => {
    if (this.over) throw closed();
    return this.channel.stream(...args);
  };

  end(error: Error): void {
    if (!this.over) this.channel.end(error);
  }
}

function closed(): DisposedError {
  return new DisposedError(
    'Other dictionaries were opened, and this lens was closed with that. Use the lens that openSites gave.',
  );
}
