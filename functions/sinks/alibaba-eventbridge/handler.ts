import { createHandler } from '../../core/handler.ts';
import { sink } from './sink.ts';

export const handler = createHandler(sink);
