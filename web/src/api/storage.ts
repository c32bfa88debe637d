// The disk, the store and how long studies are kept: for administrators.

import { send } from "./http.ts";

export const fetchStorage = () => send("get", "/api/v1/storage");
/** Say that the server's clock is right, after it jumped. */
export const confirmClock = () => send("post", "/api/v1/storage/clock");
