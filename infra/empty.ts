/** In the place of what is not used. */
export {};
