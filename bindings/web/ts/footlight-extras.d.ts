// ts/extras.ts where the build puts it: beside the worker.
export { loadExtras } from './extras.ts';
