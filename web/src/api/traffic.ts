// The DICOM node: for administrators.

import { send } from "./http.ts";
import type { DeliveryAction, DeliveryChoice, DeliveryState, Reason } from "./types.ts";

/** What of the outbox is shown; empty fields show all. */
export interface OutboxFilter {
  destination: string;
  state: DeliveryState | "";
  output: string;
}

/** What of the quarantine is shown; empty fields show all. */
export interface QuarantineFilter {
  peer: string;
  reason: Reason | "";
}

const query = <Filter extends { state?: string } | { reason?: string }>(filter: Filter, limit: number) =>
  ({ ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== "")), limit }) as never;

export const fetchTraffic = () => send("get", "/api/v1/pacs/traffic");
export const testPeer = (name: string) => send("post", "/api/v1/pacs/peers/{name}/test", { path: { name } });

export const fetchQuarantine = (filter: QuarantineFilter, limit: number) =>
  send("get", "/api/v1/pacs/quarantine", { query: query(filter, limit) });
export const releaseInstance = (instance: number) =>
  send("post", "/api/v1/pacs/quarantine/{instance}/release", { path: { instance } });
export const deleteInstance = (instance: number) =>
  send("delete", "/api/v1/pacs/quarantine/{instance}", { path: { instance } });

export const fetchDeliveries = (filter: OutboxFilter, limit: number) =>
  send("get", "/api/v1/pacs/deliveries", { query: query(filter, limit) });
export const changeDeliveries = (action: DeliveryAction, choice: Partial<DeliveryChoice>) =>
  send("post", "/api/v1/pacs/deliveries/{action}", {
    path: { action },
    body: { ids: [], study: "", destination: "", states: [], ...choice },
  });
