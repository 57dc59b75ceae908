// ts/recorder.ts where the build puts it: beside the worker.
export { loadRecorder } from './recorder.ts';
