/** How far back rates are shown; there is one a second. */
export const RATE_SECONDS = 120;
