// The registry of bundles: for administrators.

import { send } from "./http.ts";

export const fetchRegistry = () => send("get", "/api/v1/registry");
/** What a bundle showed beside the live one, a page of its own. */
export const comparisonPage = (digest: string) => `/api/v1/registry/${digest}/comparison.html`;
/** What a bundle said in shadow beside the live one and beside readers, likewise. */
export const shadowPage = (digest: string) => `/api/v1/registry/${digest}/shadow.html`;
