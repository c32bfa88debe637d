// The watch for drift: for administrators.

import { send } from "./http.ts";

export const fetchMonitoring = () => send("get", "/api/v1/monitoring");
/** Look for drift now, rather than at the next hour. */
export const lookForDrift = () => send("post", "/api/v1/monitoring/look");
/** The whole report, a page of its own. */
export const MONITORING_REPORT = "/api/v1/monitoring/report.html";
