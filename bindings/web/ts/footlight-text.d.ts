// ts/text.ts where the build puts it: beside the worker.
export { loadText } from './text.ts';
