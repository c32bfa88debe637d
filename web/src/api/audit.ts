// The audit log: for administrators.

import { send, urlOf } from "./http.ts";
import type { paths } from "./types.ts";

/** What is searched for in the audit log; empty fields find all. */
export type AuditSearch = Required<
  Pick<
    NonNullable<paths["/api/v1/audit"]["get"]["parameters"]["query"]>,
    "person" | "action" | "subject" | "result" | "since" | "until"
  >
>;

const PAGE = 100; // entries

export const fetchAudit = (search: AuditSearch, before: number | null) =>
  send("get", "/api/v1/audit", { query: { ...search, limit: PAGE, before } });

/** Where all that is searched for can be had as a table. */
export const auditUrl = (search: AuditSearch) => urlOf("/api/v1/audit.csv", { query: search });
