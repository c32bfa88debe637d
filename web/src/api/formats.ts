// The formats in which a reading can be had.

import { send } from "./http.ts";

export const fetchFormats = () => send("get", "/api/v1/formats");
