import { createHandler } from '../../core/runtime/handler.ts';
import { sink } from './sink.ts';

// Where the bundle of this sink's function starts: it holds this sink and no other.
export const handler = createHandler(sink);
