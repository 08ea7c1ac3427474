import { endMarked } from './processes.mjs';

/** `node scripts/run/reaper.mjs MARK`: ends what bears the mark once the process that started this one is gone, by
 *  whatever way: its end of the pipe closes then. */
process.stdin.resume().on('end', () => {
  endMarked(process.argv[2]);
  process.exit();
});
