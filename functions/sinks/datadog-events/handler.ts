import { createHandler } from '../../core/runtime/handler.ts';
import { sink } from './sink.ts';

export const handler = createHandler(sink);
