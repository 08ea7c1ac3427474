import type { Command } from './command';
import { serve } from './serve';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [serve];
