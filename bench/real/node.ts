export { openDirectory } from '../../src/lens/node';
export { fileFolder } from '../../src/lens/sources/disk';
export * from './run';
